/// What an attack may know of a detector: its logit for a crop, and the logit's gradient.
///
/// The logit is counted from the decision's boundary: 0 and more is "fake". Every call counts.
public protocol GradientOracle: AnyObject {
  /// Calls of `logit` so far.
  var queries: Int { get }
  /// Calls of `gradient` so far.
  var gradients: Int { get }

  func logit(of x: CropPixels) throws -> Float

  /// The logit, and its derivative with respect to every value of the crop.
  func gradient(at x: CropPixels) throws -> (logit: Float, gradient: [Float])
}

/// Whether a crop is fake in truth: attacks lower the margin of the right answer.
public enum TrueClass: Sendable, Hashable {
  case real, fake

  /// 1 for a fake: the margin is this times the logit.
  public var sign: Float { self == .fake ? 1 : -1 }

  /// How far the answer is on the right side; below 0 it is wrong.
  public func margin(_ logit: Float) -> Float { sign * logit }

  /// Whether the answer is wrong; a logit of 0 says "fake".
  public func isFooled(by logit: Float) -> Bool { self == .fake ? logit < 0 : logit >= 0 }
}
