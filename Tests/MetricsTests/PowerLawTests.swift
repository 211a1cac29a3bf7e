import Foundation
import Metrics
import Testing

@Suite("Power law")
struct PowerLawTests {
  @Test("a law is recovered from its own points", arguments: [(2.0, -0.5), (0.3, 0.25), (7.0, 0.0)])
  func exact(_ scale: Double, _ exponent: Double) throws {
    let law = try #require(
      PowerLaw(fitting: [1.0, 3, 10, 100].map { x in (x: x, y: scale * pow(x, exponent)) }))
    #expect(abs(law.scale - scale) < 1e-12 && abs(law.exponent - exponent) < 1e-12)
    #expect(abs(law.determination - 1) < 1e-9)
    #expect(abs(law.value(at: 16) - scale * pow(16, exponent)) < 1e-9)
  }

  @Test("scattered points: equals numpy.polyfit(log(x), log(y), 1)")
  func golden() throws {
    let law = try #require(
      PowerLaw(fitting: [
        (x: 100, y: 0.42), (x: 200, y: 0.35), (x: 400, y: 0.33), (x: 800, y: 0.25), (x: 1600, y: 0.24),
      ]))
    #expect(abs(law.exponent + 0.2100136671285452) < 1e-9)
    #expect(abs(law.scale - 1.0946232436225665) < 1e-8)
    #expect(abs(law.determination - 0.9520482437121088) < 1e-9)
  }

  @Test("no fit with fewer than two sizes, or with an error of 0")
  func impossible() {
    #expect(PowerLaw(fitting: []) == nil)
    #expect(PowerLaw(fitting: [(x: 5, y: 1), (x: 5, y: 2)]) == nil)
    #expect(PowerLaw(fitting: [(x: 5, y: 1), (x: 6, y: 0)]) == nil)
  }
}
