/// How `assay train --adversarial` perturbs the crops that it trains on.
public struct HardeningOptions: Sendable {
  public enum Method: String, Sendable, CaseIterable {
    /// Projected gradient descent from a random start (Madry et al. 2018).
    case pgd
    /// One long step from a random start (Wong et al. 2020).
    case fgsmRS = "fgsm-rs"
    /// Clean crops, and the perturbed ones that the network disagrees with itself about most (Zhang et al. 2019).
    case trades
  }

  public var method: Method
  /// ℓ∞ budget on the [0, 1] pixel scale.
  public var epsilon: Float
  /// Steps of `pgd` and `trades`.
  public var steps = 5
  /// Share of the training over which the budget grows from 0.
  public var ramp: Float = 0.3
  /// How much agreement counts in `trades`.
  public var beta: Float = 6

  public init(_ method: Method, epsilon: Float) {
    self.method = method
    self.epsilon = epsilon
  }

  var recorded: [String: String] {
    [
      "adversarial": method.rawValue, "epsilon": "\(epsilon)", "attack-steps": "\(steps)", "ramp": "\(ramp)",
      "beta": "\(beta)",
    ]
  }

  /// The budget in a step of so many.
  func budget(step: Int, of total: Int) -> Float {
    let length = ramp * Float(total)
    return length > 0 ? epsilon * min(1, Float(step + 1) / length) : epsilon
  }
}
