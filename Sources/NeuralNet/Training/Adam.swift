public import Compute
import Glibc

/// Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019).
///
/// A value: keep a copy to go back, write `state` to a checkpoint to go on later.
public struct Adam: Optimiser {
  public struct Settings: Hashable, Sendable, Codable {
    public var beta1: Float = 0.9
    public var beta2: Float = 0.999
    public var epsilon: Float = 1e-8
    /// Share of the weights that a step takes off, times the learning rate. Vectors (biases, batch norm) are spared.
    public var weightDecay: Float = 0

    public init() {}
  }

  public var settings: Settings
  public var state: OptimiserState
  public static let tensorsPerParameter = 2

  public init(_ settings: Settings = Settings(), state: OptimiserState = OptimiserState()) {
    self.settings = settings
    self.state = state
  }

  public mutating func update(_ parameters: inout [String: Tensor], _ gradients: [String: Tensor], learningRate: Float)
  {
    state.step += 1
    let unbias1 = 1 - pow(Double(settings.beta1), Double(state.step))
    let unbias2 = 1 - pow(Double(settings.beta2), Double(state.step))
    for (name, gradient) in gradients {
      guard var weights = parameters.removeValue(forKey: name) else { continue }
      precondition(weights.shape == gradient.shape, "'\(name)': gradient \(gradient.shape), value \(weights.shape)")
      // Removed while they change, so that the tensors are not shared and need no copy.
      var mean = state.mean.removeValue(forKey: name) ?? Tensor(weights.shape)
      var square = state.square.removeValue(forKey: name) ?? Tensor(weights.shape)
      let decay = weights.shape.rank > 1 ? settings.weightDecay * learningRate : 0
      weights.withMutableFloats { w in
        mean.withMutableFloats { m in
          square.withMutableFloats { v in
            gradient.withFloats { g in
              VectorKernels.adam(
                w.start, m.start, v.start, gradient: g.start, beta1: settings.beta1, beta2: settings.beta2,
                epsilon: settings.epsilon, decay: decay, rate: Float(Double(learningRate) / unbias1),
                correction: Float(1 / unbias2), count: w.count)
            }
          }
        }
      }
      parameters[name] = weights
      state.mean[name] = mean
      state.square[name] = square
    }
  }
}
