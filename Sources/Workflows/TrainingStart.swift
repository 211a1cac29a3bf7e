import Models
import NeuralNet

/// What a training begins with: the network with its first weights, and the preprocessing that belongs to it.
struct TrainingStart: Sendable {
  let network: Network
  let preprocessing: Preprocessing
  /// Side of the crops that the network takes, in pixels; nil when the network is made to fit them.
  let size: Int?
  /// The model that training goes on from.
  let origin: LoadedModel?

  /// - Parameter inputSize: side of the crops at hand, in pixels.
  /// - Throws: `WorkflowError.model` when the model to start from cannot be used, `.settings` when there is no such
  ///   architecture.
  init(_ options: TrainOptions, inputSize: Int) throws(WorkflowError) {
    if let path = options.from {
      let model = try loadModel(at: path)
      network = model.detector.network
      preprocessing = model.detector.preprocessing
      size = model.detector.cropContract.size
      origin = model
    } else {
      network = try Self.newNetwork(options, inputSize: inputSize)
      preprocessing = Preprocessing()
      size = nil
      origin = nil
    }
  }

  private static func newNetwork(_ options: TrainOptions, inputSize: Int) throws(WorkflowError) -> Network {
    do {
      var design = try NetworkName(options.network).design(paper: options.paper)
      design.inputSize = inputSize
      return design.network(seed: options.seed)
    } catch {
      throw .settings("\(error)")
    }
  }
}
