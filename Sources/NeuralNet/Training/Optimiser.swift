public import Compute
import Glibc

/// An optimiser: updates parameters from their gradients.
///
/// A value type: a copy is a snapshot; write `state` to a checkpoint to resume later.
public protocol Optimiser: Sendable {
  var state: OptimiserState { get set }
  /// Number of state tensors per parameter after the first step.
  static var tensorsPerParameter: Int { get }

  /// Updates the parameters that have a gradient, and counts one step.
  ///
  /// - Precondition: each gradient has the shape of its parameter.
  mutating func update(_ parameters: inout [String: Tensor], _ gradients: [String: Tensor], learningRate: Float)
}

/// State of an optimiser between steps, as stored in checkpoints.
public struct OptimiserState: Sendable {
  /// Number of completed steps.
  public var step = 0
  /// Running means of the gradients, by parameter; the velocity of gradient descent with momentum.
  public var mean: [String: Tensor] = [:]
  /// Running means of the squared gradients; empty if the optimiser does not use them.
  public var square: [String: Tensor] = [:]

  public init() {}
}

/// Stochastic gradient descent with Nesterov's momentum (Sutskever et al. 2013) and decoupled weight decay.
public struct SGD: Optimiser {
  public struct Settings: Hashable, Sendable, Codable {
    /// Momentum: decay of the velocity per step, in 0..<1.
    public var momentum: Float = 0.9
    /// Decoupled weight decay, multiplied by the learning rate at each step; not for vectors (biases, batch norm).
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
      // Removed during the update, so that the tensor is uniquely referenced and needs no copy.
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

/// Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019).
///
/// A value type: a copy is a snapshot; write `state` to a checkpoint to resume later.
public struct Adam: Optimiser {
  public struct Settings: Hashable, Sendable, Codable {
    public var beta1: Float = 0.9
    public var beta2: Float = 0.999
    public var epsilon: Float = 1e-8
    /// Decoupled weight decay, multiplied by the learning rate at each step; not for vectors (biases, batch norm).
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
      // Removed during the update, so that the tensors are uniquely referenced and need no copy.
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

/// Linear warm-up, then cosine decay (Loshchilov and Hutter 2017, without restarts).
public struct LearningRateSchedule: Hashable, Sendable, Codable {
  public var peak: Float
  /// Reached at the last step.
  public var floor: Float
  public var warmUpSteps: Int
  public var totalSteps: Int

  public init(peak: Float, floor: Float = 0, warmUpSteps: Int, totalSteps: Int) {
    self.peak = peak
    self.floor = floor
    self.warmUpSteps = warmUpSteps
    self.totalSteps = totalSteps
  }

  /// The learning rate of a step, from 0; `floor` after the last one.
  public func rate(step: Int) -> Float {
    if step < warmUpSteps { return peak * Float(step + 1) / Float(warmUpSteps) }
    let length = max(totalSteps - 1 - warmUpSteps, 1)
    let progress = min(Double(step - warmUpSteps) / Double(length), 1)
    return floor + (peak - floor) * Float((1 + cos(Double.pi * progress)) / 2)
  }
}

/// Exponential moving average of a network's tensors (Polyak and Juditsky 1992; Tarvainen and Valpola 2017), usually
/// better than the last step's weights.
public struct WeightAverage: Sendable {
  /// Decay of the average per step, in 0..<1.
  public let decay: Float
  /// By parameter, including the running statistics of batch norm.
  public private(set) var tensors: [String: Tensor]

  /// - Parameters:
  ///   - start: initial tensors, or those of a checkpoint.
  public init(decay: Float, startingFrom start: [String: Tensor]) {
    precondition((0..<1).contains(decay), "a decay of \(decay) lies outside of 0..<1")
    self.decay = decay
    tensors = start
  }

  /// Updates the average with the tensors after a step.
  ///
  /// - Parameters:
  ///   - step: completed steps; early averages use a smaller decay, because the initial weights are noise.
  public mutating func update(_ parameters: [String: Tensor], step: Int) {
    let kept = min(decay, Float(1 + step) / Float(10 + step))
    for (name, new) in parameters {
      guard var average = tensors.removeValue(forKey: name) else {
        tensors[name] = new
        continue
      }
      average.scale(by: kept)
      average.add(new, times: 1 - kept)
      tensors[name] = average
    }
  }
}
