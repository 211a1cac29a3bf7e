/// An attack's access to a model: the logit of a crop, and its gradient.
///
/// The logit is relative to the decision boundary: 0 and above is "fake". Every call is counted.
public protocol GradientOracle: AnyObject {
  /// Number of `logit` calls so far.
  var queries: Int { get }
  /// Number of `gradient` calls so far.
  var gradients: Int { get }

  func logit(of x: CropPixels) throws -> Float

  /// The logit, and its derivative with respect to every value of the crop.
  func gradient(at x: CropPixels) throws -> (logit: Float, gradient: [Float])
}

/// The true class of a crop: attacks lower its margin.
public enum TrueClass: Sendable, Hashable {
  case real, fake

  /// 1 for a fake: the margin is this times the logit.
  public var sign: Float { self == .fake ? 1 : -1 }

  /// Signed margin of the true class; negative if misclassified.
  public func margin(_ logit: Float) -> Float { sign * logit }

  /// Whether the crop is misclassified; a logit of 0 means "fake".
  public func isFooled(by logit: Float) -> Bool { self == .fake ? logit < 0 : logit >= 0 }
}
