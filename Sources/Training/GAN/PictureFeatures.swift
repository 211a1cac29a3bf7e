import Compute
import Dispatch
import Imaging
import Metrics
import Models
import NeuralNet
import Runs
import Synchronization

/// What a network makes of pictures before it decides: the last value of which its answer is made alone; of an ensemble,
/// that of its first member which has one.
struct PictureFeatures: Sendable {
  /// The layer whose value it is.
  let layer: String
  let width: Int
  private let network: Network
  private let preprocessing: Preprocessing
  private let size: Int

  /// - Parameter most: features that there may be; a layer with more is passed over.
  /// - Throws: `WorkflowError.model` when no layer suits.
  init(
    of network: Network, preprocessing: Preprocessing, most: Int, name: String
  ) throws {
    let members = network.averagedOutputs.map { network.part(making: $0) }
    guard let found = try members.compactMap({ try Self.layer(of: $0, most: most) }).first else {
      throw WorkflowError.model(
        path: name, why: "none of its layers gives 8 to \(most) features on which its answer rests alone")
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

  /// The part of the network that makes the features.
  var part: Network { network }

  /// Features of pictures, which are brought to the network's size.
  func table(
    _ pictures: [Frame], workers: Int, batch: Int = 16, progress: ProgressLine? = nil
  ) throws -> FeatureTable {
    let starts = Array(stride(from: 0, to: pictures.count, by: batch))
    let found = Mutex<[Int: [Float]]>([:])
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: max(workers, 1)) { worker in
      do {
        let executor = try Executor(network, batch: batch, use: .inference)
        let values = network.inputShape.count
        for index in stride(from: worker, to: starts.count, by: max(workers, 1)) {
          let part = pictures[starts[index]..<min(starts[index] + batch, pictures.count)]
          executor.withInput { input in
            for (slot, picture) in part.enumerated() {
              preprocessing.write(
                picture.resized(width: size, height: size).pixels,
                into: UnsafeMutableBufferPointer(rebasing: input[(slot * values)..<((slot + 1) * values)]))
            }
          }
          let rows = try executor.infer(count: part.count).values
          found.withLock { $0[index] = rows }
          progress?.advance(by: part.count)
        }
      } catch {
        failure.withLock { $0 = error }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    let rows = found.withLock { $0 }
    return FeatureTable(
      width: width, values: starts.indices.flatMap { rows[$0] ?? [] }.map(Double.init))
  }
}
