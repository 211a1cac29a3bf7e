import Compute
import Imaging
package import Models
package import NeuralNet
import Runs
import Scoring

/// Starting point of a training: the network with its initial weights, and its preprocessing.
package struct TrainingStart: Sendable {
  package let network: Network
  package let preprocessing: Preprocessing
  /// The model to fine-tune, if any.
  let origin: LoadedModel?

  /// - Parameter inputSize: side of the crops in pixels.
  /// - Throws: `WorkflowError.model` when the starting model cannot be used, `.settings` when the architecture is
  ///   unknown.
  init(_ options: TrainOptions, inputSize: Int) throws(WorkflowError) {
    if let path = options.from {
      let model = try loadModel(at: path)
      let own = try Self.network(of: model, inputSize: inputSize)
      network = options.foldsNorm ? try Self.folded(own, path: path) : own
      preprocessing = model.detector.preprocessing
      origin = model
    } else {
      network = try Self.newNetwork(options, inputSize: inputSize)
      preprocessing = Preprocessing()
      origin = nil
    }
  }

  /// The model's network for crops of this size: the same weights, provided that no layer depends on the size.
  private static func network(of model: LoadedModel, inputSize: Int) throws(WorkflowError) -> Network {
    var network = model.detector.network
    network.inputShape = [3, inputSize, inputSize]
    guard let shapes = try? network.shapes(batch: 1), shapes[network.outputs[0]]?.extents == [1, 1] else {
      let size = model.detector.cropSettings.size
      throw .model(
        path: model.path,
        why:
          "its network takes crops of \(size) pixels only, these have \(inputSize): omit --input, and use crops of \(size) or more"
      )
    }
    return network
  }

  private static func folded(_ network: Network, path: String) throws(WorkflowError) -> Network {
    do {
      let folded = try network.foldingBatchNorm()
      guard folded.nodes.count < network.nodes.count else {
        throw WorkflowError.model(path: path, why: "no batch norm follows a convolution: omit --fold-norm")
      }
      return folded
    } catch let error as WorkflowError {
      throw error
    } catch {
      throw .model(path: path, why: "\(error)")
    }
  }

  private static func newNetwork(_ options: TrainOptions, inputSize: Int) throws(WorkflowError) -> Network {
    do {
      var design = try NetworkName(options.network).design(paper: options.paper)
      design.inputSize = inputSize
      return design.network(seed: options.seed)
    } catch {
      throw .usage("\(error)")
    }
  }
}
