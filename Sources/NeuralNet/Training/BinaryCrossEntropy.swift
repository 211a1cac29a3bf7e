public import Compute
import Glibc

/// A loss and its gradient with respect to the network's output.
public struct LossValue: Sendable {
  public let value: Float
  public let gradient: Tensor

  public init(value: Float, gradient: Tensor) {
    self.value = value
    self.gradient = gradient
  }
}

/// A training objective.
public protocol TrainingLoss: Sendable {
  /// - Parameters:
  ///   - logits: logits of a worker's samples.
  ///   - labels: labels of those samples, 0…1.
  ///   - weights: non-negative weights of those samples; nil means 1.
  ///   - totalWeight: total weight of the whole batch, by which the sum is divided.
  func value(
    _ logits: Tensor, labels: [Float], weights: [Float]?, totalWeight: Float
  ) throws(NeuralNetError) -> LossValue
}

/// Binary cross-entropy with logits, weighted mean over samples.
public struct BinaryCrossEntropy: TrainingLoss {
  /// Moves labels towards one half: 0 and 1 become s / 2 and 1 - s / 2.
  public var labelSmoothing: Float

  /// - Precondition: 0 ≤ `labelSmoothing` < 1.
  public init(labelSmoothing: Float = 0) {
    precondition((0..<1).contains(labelSmoothing), "label smoothing \(labelSmoothing) lies outside of 0..<1")
    self.labelSmoothing = labelSmoothing
  }

  /// - Parameters:
  ///   - logits: `[N, 1]`, or any shape of N elements.
  ///   - labels: N numbers in 0…1.
  ///   - weights: N non-negative numbers; nil means 1.
  ///   - totalWeight: divisor of the sum; nil means the sum of the weights. A worker with a part of the batch passes
  ///     the whole batch's.
  public func callAsFunction(
    _ logits: Tensor, labels: some Collection<Float>, weights: [Float]? = nil, totalWeight: Float? = nil
  ) throws(NeuralNetError) -> LossValue {
    let labels = Array(labels)
    guard labels.count == logits.count, weights.map({ $0.count == labels.count }) ?? true else {
      throw .input("\(logits.count) logits need as many labels and weights, not \(labels.count)")
    }
    guard labels.allSatisfy({ (0...1).contains($0) }), weights?.allSatisfy({ $0 >= 0 && $0.isFinite }) ?? true else {
      throw .input("labels must lie in 0...1 and weights must not be negative")
    }
    let total = totalWeight ?? weights?.reduce(0, +) ?? Float(labels.count)
    guard total > 0 else { throw .input("all samples of the batch have a weight of 0") }
    var sum = 0.0
    var gradient = Tensor(logits.shape)
    for i in labels.indices {
      let x = Double(logits[i])
      let label = Double(labels[i] * (1 - labelSmoothing) + labelSmoothing / 2)
      let weight = Double(weights?[i] ?? 1) / Double(total)
      // log(1 + eˣ) - label · x, without overflow for large |x|.
      sum += weight * (max(x, 0) - x * label + log1p(exp(-abs(x))))
      gradient[i] = Float(weight * (1 / (1 + exp(-x)) - label))
    }
    return LossValue(value: Float(sum), gradient: gradient)
  }

  public func value(
    _ logits: Tensor, labels: [Float], weights: [Float]?, totalWeight: Float
  ) throws(NeuralNetError) -> LossValue {
    try self(logits, labels: labels, weights: weights, totalWeight: totalWeight)
  }
}
