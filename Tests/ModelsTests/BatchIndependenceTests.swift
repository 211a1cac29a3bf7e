import Compute
import Models
import NeuralNet
import Testing

/// A crop has one logit, bit for bit, whatever it is scored with.
@Suite("Logits do not depend on the batch")
struct BatchIndependenceTests {
  /// Of the executor; the smaller ones also share larger executors.
  private static let batches = [1, 3, 8, 16]

  @Test("networks of the catalogue", arguments: NetworkCatalog.all.map(\.name))
  func catalogue(_ name: String) throws {
    var design = try #require(NetworkCatalog[name]).design
    design.inputSize = 64
    try expectIndependence(design.network(seed: 3))
  }

  @Test("built-in models", arguments: DetectorModel.builtInNames)
  func builtIn(_ name: String) throws {
    try expectIndependence(try DetectorModel.load(from: try DetectorModel.builtInPath(name)).network)
  }

  /// The same crops at every position, among other neighbours, in full and partial batches.
  private func expectIndependence(_ network: Network) throws {
    var generator = SeededGenerator(seed: 11)
    let crops = Tensor.normal(Shape([16] + network.inputShape.extents), using: &generator)
    let single = try Executor(network, batch: 1, use: .inference)
    let logits = try (0..<16).map { try single.infer(crops.rows($0..<($0 + 1)))[0].bitPattern }
    for batch in Self.batches.dropFirst() {
      let executor = try Executor(network, batch: batch, use: .inference)
      // Rotated by one each time, every crop comes to every position; `count` leaves old neighbours behind it.
      for shift in Self.shifts(batch) {
        let count = shift % 2 == 0 ? batch : max(batch / 2, 1)
        let order = (0..<count).map { ($0 + shift) % 16 }
        let rows = try executor.infer(Self.picked(crops, order))
        for (row, crop) in order.enumerated() where rows[row].bitPattern != logits[crop] {
          Issue.record(
            "crop \(crop) at \(row) of \(count) in \(batch): \(rows[row]), alone \(Float(bitPattern: logits[crop]))")
          return
        }
      }
    }
  }

  /// All rotations for small batches, some for large ones.
  private static func shifts(_ batch: Int) -> [Int] { batch == 3 ? [0, 1, 2, 3] : [0, 1, 5, 10] }

  private static func picked(_ crops: Tensor, _ order: [Int]) -> Tensor {
    Tensor(Shape([order.count] + crops.shape.sample.extents), order.flatMap { crops.rows($0..<($0 + 1)).values })
  }
}
