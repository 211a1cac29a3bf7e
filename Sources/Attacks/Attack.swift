public import Compute

/// An attack: perturbs a crop so that a model misclassifies it.
///
/// It proposes; `AttackRunner` projects the proposal onto the ball and [0, 1], rounds it to 8 bits and scores it again.
public protocol Attack: Sendable {
  /// Identifier in commands and manifests, for example `pgd-l2`.
  var id: String { get }
  /// Norm of its budget.
  var norm: Norm { get }
  /// Whether it searches for the smallest successful perturbation; the budget then only decides whether it succeeded.
  var isMinimal: Bool { get }
  /// Whether its search depends on the budget; otherwise one search serves several budgets.
  var usesBudget: Bool { get }
  /// Whether it uses gradients.
  var isWhiteBox: Bool { get }
  /// Iterations of one run, and random starts; nil if it has none or they are not a setting.
  var iterations: Int? { get }
  var starts: Int? { get }

  /// - Parameters:
  ///   - x: a correctly classified crop.
  ///   - epsilon: the radius of the ball; infinite for minimal attacks without a limit.
  ///   - generator: the crop's own random numbers.
  /// - Throws: errors of the oracle.
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
