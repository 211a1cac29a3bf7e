import Glibc

/// `1 / (1 + exp(-x))`, without overflow on either side.
public func sigmoid(_ x: Double) -> Double {
  guard x < 0 else { return 1 / (1 + exp(-x)) }
  let e = exp(x)
  return e / (1 + e)
}

/// The inverse of `sigmoid`.
///
/// - Parameter p: a probability; 0 and 1 give infinities.
public func logit(_ p: Double) -> Double { log(p) - log1p(-p) }
