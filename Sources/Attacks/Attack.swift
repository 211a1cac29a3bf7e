public import Compute

/// A way to perturb a crop so that a detector answers wrongly.
///
/// It proposes; `AttackRunner` projects the proposal onto the ball and [0, 1], makes it 8-bit and scores it again.
public protocol Attack: Sendable {
  /// As commands and manifests call it, for example `pgd-l2`.
  var id: String { get }
  /// What its budget is counted in.
  var norm: Norm { get }
  /// Whether it looks for the smallest perturbation that fools; a budget then only says from where on it fails.
  var isMinimal: Bool { get }
  /// Whether the budget guides it; the others look the same way for each budget, so one search is enough for several.
  var usesBudget: Bool { get }
  /// Whether it uses gradients.
  var isWhiteBox: Bool { get }
  /// Iterations of one run, and random starts; nil where it has none or they are not a setting.
  var iterations: Int? { get }
  var starts: Int? { get }

  /// - Parameters:
  ///   - x: the crop, which the detector judges rightly.
  ///   - epsilon: the radius of the ball; infinite where there is no limit, for attacks that are minimal.
  ///   - generator: the crop's own random numbers.
  /// - Throws: what the oracle throws.
  func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels
}

extension Attack {
  public var isMinimal: Bool { false }
  public var usesBudget: Bool { true }
  public var isWhiteBox: Bool { true }
  public var iterations: Int? { nil }
  public var starts: Int? { nil }
}
