import Foundation

/// Adversarial training settings of `assay train --adversarial`.
package struct HardeningOptions: Sendable {
  package enum Method: String, Sendable, CaseIterable {
    /// Projected gradient descent from a random start (Madry et al. 2018).
    case pgd
    /// One long step from a random start (Wong et al. 2020).
    case fgsmRS = "fgsm-rs"
    /// Clean crops plus perturbed ones that maximise the divergence from the clean output (TRADES, Zhang et al. 2019).
    case trades
    /// Free adversarial training: one backward pass serves the network and the perturbation, and each batch is replayed
    /// several times in a row (Shafahi et al. 2019).
    case free
    /// Gaussian noise with the budget as standard deviation instead of an attack, for randomised smoothing (Cohen et
    /// al. 2019).
    case noise
  }

  /// Shape of the budget's ramp from 0 to its full size.
  package enum Schedule: String, Sendable, CaseIterable {
    case linear
    /// Half a cosine period: slow at both ends.
    case cosine
    /// Four equal steps.
    case stairs
  }

  package var method: Method
  /// ℓ∞ budget on the [0, 1] pixel scale.
  package var epsilon: Float
  /// Steps of `pgd` and `trades`, and of the attack that monitors every method.
  package var steps = 5
  /// Consecutive replays of a batch under `free`; steps per epoch stay the same, on correspondingly fewer distinct
  /// crops.
  package var replays = 4
  package var schedule = Schedule.linear
  /// Fraction of the training during which the budget ramps up from 0.
  package var ramp: Float = 0.3
  /// Weight of the divergence term in `trades`.
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

  /// The budget at a step.
  package func budget(step: Int, of total: Int) -> Float {
    let length = ramp * Float(total)
    let fraction = length > 0 ? min(1, Float(step + 1) / length) : 1
    switch schedule {
    case .linear: return epsilon * fraction
    case .cosine: return epsilon * (1 - cos(Float.pi * fraction)) / 2
    case .stairs: return epsilon * (fraction * 4).rounded(.up) / 4
    }
  }
}
