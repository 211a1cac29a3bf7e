import Compute
import NeuralNet
import Testing

@Suite("Batches of an executor")
struct ExecutorBatchesTests {
  static let network = SampleNetworks.trained(SampleNetworks.paper())

  /// Sample `index` holds values that no other sample holds.
  private static func write(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) {
    for i in target.indices { target[i] = Float((i + 1) * (index + 1) % 97) / 97 }
  }

  @Test("samples are divided into complete batches and a smaller last one")
  func ranges() {
    #expect(Executor.batches(of: 0, size: 4) == [])
    #expect(Executor.batches(of: 3, size: 4) == [0..<3])
    #expect(Executor.batches(of: 8, size: 4) == [0..<4, 4..<8])
    #expect(Executor.batches(of: 9, size: 4) == [0..<4, 4..<8, 8..<9])
  }

  @Test("outputs do not depend on the batch", arguments: [1, 3, 4, 8, 9])
  func outputs(count: Int) throws {
    let executor = try Executor(Self.network, batch: 4, use: .inference)
    let single = try Executor(Self.network, batch: 1, use: .inference)
    var written: [Int] = []
    var seen: [Range<Int>] = []
    var outputs: [Float] = []
    try executor.forEachBatch(of: count) { index, target in
      #expect(target.count == Self.network.inputShape.count)
      written.append(index)
      Self.write(index, into: target)
    } _: { samples, output in
      #expect(output.shape == [samples.count, 1])
      seen.append(samples)
      outputs += output.values
    }
    #expect(written == Array(0..<count))
    #expect(seen == Executor.batches(of: count, size: 4))
    for index in 0..<count {
      let alone = try single.infer(index..<(index + 1), write: Self.write)
      #expect(abs(outputs[index] - alone[0]) < 1e-5)
    }
  }

  @Test("without samples, nothing is written or computed")
  func empty() throws {
    let executor = try Executor(Self.network, batch: 4, use: .inference)
    try executor.forEachBatch(of: 0) { _, _ in
      Issue.record("a sample was written")
    } _: { _, _ in
      Issue.record("a batch was computed")
    }
  }

  @Test("samples that exceed one batch are refused before they are written", arguments: [0, 5])
  func misfit(count: Int) throws {
    let executor = try Executor(Self.network, batch: 4, use: .inference)
    #expect(throws: NeuralNetError.self) {
      try executor.infer(0..<count) { _, _ in Issue.record("a sample was written") }
    }
  }
}
