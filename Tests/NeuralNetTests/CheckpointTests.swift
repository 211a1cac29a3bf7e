import Compute
import Foundation
import NeuralNet
import Safetensors
import TestSupport
import Testing

@Suite("Checkpoints")
struct CheckpointTests {
  @Test("mutated files are read or refused, never a crash")
  func mutations() throws {
    var generator = SeededGenerator(seed: 1)
    let original = try Checkpoint(network: SampleNetworks.paper(size: 8), optimiser: .init()).file().encoded()
    var refused = 0
    for _ in 0..<1500 {
      do { _ = try Checkpoint(SafetensorsFile(original.mutated(using: &generator))) } catch { refused += 1 }
    }
    #expect(refused > 500)
  }
}
