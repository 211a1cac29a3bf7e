public import Compute

/// Stochastic gradient descent with Nesterov's momentum (Sutskever et al. 2013) and decoupled weight decay.
public struct SGD: Optimiser {
  public struct Settings: Hashable, Sendable, Codable {
    /// Share of the velocity that a step keeps, 0 up to 1.
    public var momentum: Float = 0.9
    /// Share of the weights that a step takes off, times the learning rate. Vectors (biases, batch norm) are spared.
    public var weightDecay: Float = 0

    public init() {}
  }

  public var settings: Settings
  public var state: OptimiserState
  public static let tensorsPerParameter = 1

  public init(_ settings: Settings = Settings(), state: OptimiserState = OptimiserState()) {
    self.settings = settings
    self.state = state
  }

  public mutating func update(
    _ parameters: inout [String: Tensor], _ gradients: [String: Tensor], learningRate: Float
  ) {
    state.step += 1
    for (name, gradient) in gradients {
      guard var weights = parameters.removeValue(forKey: name) else { continue }
      precondition(weights.shape == gradient.shape, "'\(name)': gradient \(gradient.shape), value \(weights.shape)")
      // Removed while it changes, so that the tensor is not shared and needs no copy.
      var velocity = state.mean.removeValue(forKey: name) ?? Tensor(weights.shape)
      let decay = weights.shape.rank > 1 ? settings.weightDecay * learningRate : 0
      weights.withMutableFloats { w in
        velocity.withMutableFloats { v in
          gradient.withFloats { g in
            for i in 0..<w.count {
              v[i] = settings.momentum * v[i] + g[i]
              w[i] -= learningRate * (g[i] + settings.momentum * v[i]) + decay * w[i]
            }
          }
        }
      }
      parameters[name] = weights
      state.mean[name] = velocity
    }
  }
}
