import Delivery
import Testing

@Suite("Waiting between attempts")
struct BackOffTests {
  @Test("waits double up to a limit, with a random half, and end after the last attempt")
  func growth() throws {
    let backOff = BackOff(attempts: 5, firstSeconds: 2, longestSeconds: 6)
    for (failures, full) in [(1, 2.0), (2, 4), (3, 6), (4, 6)] {
      let waits = try (0..<50).map { _ in try #require(backOff.wait(after: failures, asked: nil)) }
      #expect(waits.allSatisfy { (full / 2...full).contains($0) } && Set(waits).count > 1)
    }
    #expect(backOff.wait(after: 5, asked: nil) == nil)
  }

  @Test("what the receiver asks for is granted, within reason")
  func asked() {
    let backOff = BackOff(attempts: 5, firstSeconds: 0, longestSeconds: 6)
    #expect(backOff.wait(after: 1, asked: 20) == 20)
    #expect(backOff.wait(after: 1, asked: 86_400) == 60)
    #expect(backOff.wait(after: 5, asked: 1) == nil)
  }
}
