import Foundation

/// How `assay train --adversarial` perturbs the crops that it trains on.
package struct HardeningOptions: Sendable {
  package enum Method: String, Sendable, CaseIterable {
    /// Projected gradient descent from a random start (Madry et al. 2018).
    case pgd
    /// One long step from a random start (Wong et al. 2020).
    case fgsmRS = "fgsm-rs"
    /// Clean crops, and the perturbed ones that the network disagrees with itself about most (Zhang et al. 2019).
    case trades
    /// One backward pass for the network's step and the perturbation's, each minibatch several times in a row (Shafahi et
    /// al. 2019).
    case free
    /// Normal noise instead of an attack, whose deviation is the budget: what randomised smoothing needs (Cohen et al.
    /// 2019).
    case noise
  }

  /// How the budget grows from 0 to its full size.
  package enum Schedule: String, Sendable, CaseIterable {
    case linear
    /// Half a cosine: slow at both ends.
    case cosine
    /// In four equal stairs.
    case stairs
  }

  package var method: Method
  /// ℓ∞ budget on the [0, 1] pixel scale.
  package var epsilon: Float
  /// Steps of `pgd` and `trades`, and of the attack that every method is watched by.
  package var steps = 5
  /// How often `free` shows a minibatch in a row: an epoch has as many steps as ever, on so many times fewer crops.
  package var replays = 4
  package var schedule = Schedule.linear
  /// Share of the training over which the budget grows from 0.
  package var ramp: Float = 0.3
  /// How much agreement counts in `trades`.
  package var beta: Float = 6

  package init(_ method: Method, epsilon: Float) {
    self.method = method
    self.epsilon = epsilon
  }

  var recorded: [String: String] {
    var own = [
      "adversarial": method.rawValue, "epsilon": "\(epsilon)", "attack-steps": "\(steps)", "ramp": "\(ramp)",
      "budget-schedule": schedule.rawValue,
    ]
    if method == .trades { own["beta"] = "\(beta)" }
    if method == .free { own["replays"] = "\(replays)" }
    return own
  }

  /// The budget in a step of so many.
  package func budget(step: Int, of total: Int) -> Float {
    let length = ramp * Float(total)
    let share = length > 0 ? min(1, Float(step + 1) / length) : 1
    switch schedule {
    case .linear: return epsilon * share
    case .cosine: return epsilon * (1 - cos(Float.pi * share)) / 2
    case .stairs: return epsilon * (share * 4).rounded(.up) / 4
    }
  }
}
