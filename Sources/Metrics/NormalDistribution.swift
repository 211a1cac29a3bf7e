import Foundation

/// The standard normal distribution.
public enum NormalDistribution {
  /// Cumulative distribution function at `z`.
  public static func probability(below z: Double) -> Double { erfc(-z / 2.0.squareRoot()) / 2 }

  /// The quantile of `p`: Acklam's rational approximation (2003, error below 1.2e-9), refined by one step of Halley's
  /// method.
  ///
  /// - Precondition: `p` lies in 0…1; at the ends it is infinite.
  public static func quantile(_ p: Double) -> Double {
    precondition((0...1).contains(p), "a probability of \(p)")
    if p == 0 { return -.infinity }
    if p == 1 { return .infinity }
    let z = approximateQuantile(p)
    let error = probability(below: z) - p
    let step = error * (2 * Double.pi).squareRoot() * exp(z * z / 2)
    return z - step / (1 + z * step / 2)
  }

  private static let centre: [Double] = [
    -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
    -3.066479806614716e+01, 2.506628277459239e+00,
  ]
  private static let centreBelow: [Double] = [
    -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
    -1.328068155288572e+01, 1,
  ]
  private static let tail: [Double] = [
    -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00,
    4.374664141464968e+00, 2.938163982698783e+00,
  ]
  private static let tailBelow: [Double] = [
    7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00, 1,
  ]

  private static func approximateQuantile(_ p: Double) -> Double {
    func polynomial(_ coefficients: [Double], _ x: Double) -> Double { coefficients.reduce(0) { $0 * x + $1 } }
    let edge = 0.02425
    if p < edge || p > 1 - edge {
      let q = (-2 * log(min(p, 1 - p))).squareRoot()
      let z = polynomial(tail, q) / polynomial(tailBelow, q)
      return p < edge ? z : -z
    }
    let q = p - 0.5
    return q * polynomial(centre, q * q) / polynomial(centreBelow, q * q)
  }
}
