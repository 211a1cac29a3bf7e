import Compute
import Imaging
import Metrics
import Models
import NeuralNet
import Runs

/// Penultimate-layer features of a network: the last value that alone determines the output. For an ensemble, those of
/// the first member that has such a layer.
struct PictureFeatures: Sendable {
  /// Name of the feature layer.
  let layer: String
  let width: Int
  private let network: Network
  private let preprocessing: Preprocessing
  private let size: Int

  /// - Parameter most: maximum number of features; wider layers are skipped.
  /// - Throws: `WorkflowError.model` when no layer is suitable.
  init(
    of network: Network, preprocessing: Preprocessing, most: Int, name: String
  ) throws {
    let members = network.averagedOutputs.map { network.part(making: $0) }
    guard let found = try members.compactMap({ try Self.layer(of: $0, most: most) }).first else {
      throw WorkflowError.model(
        path: name, why: "it has no penultimate layer with 8 to \(most) features that determine its output")
    }
    layer = found.node.name
    width = found.width
    self.network = network.part(making: found.node.output)
    self.preprocessing = preprocessing
    size = network.inputShape[1]
  }

  private static func layer(of network: Network, most: Int) throws -> (node: Node, width: Int)? {
    let shapes = try network.shapes(batch: 1)
    let chosen = network.nodes.last { node in
      guard let shape = shapes[node.output], shape.rank == 2, (8...most).contains(shape.count) else { return false }
      return node.output != network.outputs[0] && network.allPathsLead(through: node.output)
    }
    return chosen.flatMap { node in shapes[node.output].map { (node, $0.count) } }
  }

  /// The part of the network that computes the features.
  var part: Network { network }

  /// Features of pictures, which are resized to the network's input size.
  func table(
    _ pictures: [Frame], workers: Int, batch: Int = 16, progress: ProgressLine? = nil
  ) throws -> FeatureTable {
    let batches = Executor.batches(of: pictures.count, size: batch)
    let rows = try parallelMap(
      count: batches.count, workers: workers,
      context: { _ in try Executor(network, batch: batch, use: .inference) }
    ) { executor, index in
      let output = try executor.infer(batches[index]) { picture, target in
        preprocessing.write(pictures[picture].resized(width: size, height: size).pixels, into: target)
      }
      progress?.advance(by: batches[index].count)
      return output.values
    }
    return FeatureTable(width: width, values: rows.joined().map(Double.init))
  }
}
