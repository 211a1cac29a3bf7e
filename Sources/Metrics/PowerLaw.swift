import Foundation

/// `y = scale · x^exponent`, fitted by least squares between the logarithms.
public struct PowerLaw: Sendable, Hashable, Codable {
  public var scale: Double
  public var exponent: Double
  /// Fraction of the variance of log y that the line explains (R²); 1 without variance.
  public var determination: Double

  /// - Parameter points: all x and y above 0.
  /// - Returns: nil for fewer than two distinct x, or if a logarithm does not exist.
  public init?(fitting points: [(x: Double, y: Double)]) {
    guard points.allSatisfy({ $0.x > 0 && $0.y > 0 && $0.x.isFinite && $0.y.isFinite }) else { return nil }
    let logs = points.map { (x: log($0.x), y: log($0.y)) }
    let count = Double(logs.count)
    let meanX = logs.reduce(0) { $0 + $1.x } / max(count, 1)
    let meanY = logs.reduce(0) { $0 + $1.y } / max(count, 1)
    let spreadX = logs.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    guard spreadX > 1e-12 else { return nil }
    exponent = logs.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spreadX
    scale = exp(meanY - exponent * meanX)
    let spreadY = logs.reduce(0) { $0 + ($1.y - meanY) * ($1.y - meanY) }
    determination = spreadY > 1e-12 ? exponent * exponent * spreadX / spreadY : 1
  }

  public func value(at x: Double) -> Double { scale * pow(x, exponent) }
}
