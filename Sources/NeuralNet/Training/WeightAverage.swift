public import Compute

/// Exponential moving average of a network's tensors (Polyak and Juditsky 1992; Tarvainen and Valpola 2017): smoother
/// than the last step's weights, and mostly better.
public struct WeightAverage: Sendable {
  /// Share of the average that a step keeps, 0 up to 1.
  public let decay: Float
  /// By parameter, running statistics of batch norm among them.
  public private(set) var tensors: [String: Tensor]

  /// - Parameters:
  ///   - start: the tensors to start from, or those of a checkpoint.
  public init(decay: Float, startingFrom start: [String: Tensor]) {
    precondition((0..<1).contains(decay), "a decay of \(decay) lies outside of 0..<1")
    self.decay = decay
    tensors = start
  }

  /// Takes in the tensors after a step.
  ///
  /// - Parameters:
  ///   - step: steps done; early averages lean less on the start, which is noise.
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
