public import Compute

/// A rule that moves parameters along their gradients.
///
/// A value: keep a copy to go back, write `state` to a checkpoint to go on later.
public protocol Optimiser: Sendable {
  var state: OptimiserState { get set }
  /// Tensors that the state holds for each parameter once it has made a step.
  static var tensorsPerParameter: Int { get }

  /// Moves the parameters that have a gradient, and counts one step.
  ///
  /// - Precondition: each gradient has its parameter's shape.
  mutating func update(_ parameters: inout [String: Tensor], _ gradients: [String: Tensor], learningRate: Float)
}
