import Compute
public import NeuralNet

/// A network as an oracle, for one thread; one logit per `[3, H, W]` crop.
public final class NetworkOracle: GradientOracle {
  public private(set) var queries = 0
  public private(set) var gradients = 0
  private let forward: Executor
  private let backward: Executor
  private let mean: [Float]
  private let standardDeviation: [Float]
  /// Logit from which the decision is "fake".
  public let boundary: Float

  /// - Parameters:
  ///   - mean, deviation: of the preprocessing, per channel on the [0, 1] scale.
  ///   - boundary: logit from which the decision is "fake".
  public init(
    _ network: Network, mean: [Float], standardDeviation: [Float], boundary: Float = 0
  ) throws(NeuralNetError) {
    precondition(mean.count == 3 && standardDeviation.count == 3, "a preprocessing of RGB")
    forward = try Executor(network, batch: 1, use: .inference)
    backward = try Executor(network, batch: 1, use: .inputGradient)
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.boundary = boundary
  }

  public func logit(of x: CropPixels) throws -> Float {
    queries += 1
    forward.withInput { write(x, to: $0) }
    return try forward.infer(count: 1).values[0] - boundary
  }

  public func gradient(at x: CropPixels) throws -> (logit: Float, gradient: [Float]) {
    gradients += 1
    backward.withInput { write(x, to: $0) }
    let (logit, gradient) = try backward.logitGradient { source in
      [Float](unsafeUninitializedCapacity: source.count) { target, count in
        for i in stride(from: 0, to: source.count, by: 3) {
          for channel in 0..<3 { target[i + channel] = source[i + channel] / standardDeviation[channel] }
        }
        count = source.count
      }
    }
    return (logit - boundary, gradient)
  }

  private func write(_ x: CropPixels, to input: UnsafeMutableBufferPointer<Float>) {
    precondition(x.values.count == input.count, "a crop of \(x.width)×\(x.height) for another network")
    for i in stride(from: 0, to: input.count, by: 3) {
      for channel in 0..<3 { input[i + channel] = (x.values[i + channel] - mean[channel]) / standardDeviation[channel] }
    }
  }
}

/// An ensemble of models with the mean of their logits: perturbations that fool all of them transfer better (Liu et al.
/// 2017). With a single surrogate, the oracle of a transfer attack.
public final class EnsembleOracle: GradientOracle {
  private let members: [any GradientOracle]

  /// - Precondition: at least one member.
  public init(_ members: [any GradientOracle]) {
    precondition(!members.isEmpty, "an ensemble of nobody")
    self.members = members
  }

  public var queries: Int { members.reduce(0) { $0 + $1.queries } }
  public var gradients: Int { members.reduce(0) { $0 + $1.gradients } }

  public func logit(of x: CropPixels) throws -> Float {
    try members.reduce(0) { try $0 + $1.logit(of: x) } / Float(members.count)
  }

  public func gradient(at x: CropPixels) throws -> (logit: Float, gradient: [Float]) {
    var (logit, gradient) = try members[0].gradient(at: x)
    for member in members.dropFirst() {
      let (other, part) = try member.gradient(at: x)
      logit += other
      for i in gradient.indices { gradient[i] += part[i] }
    }
    let fraction = 1 / Float(members.count)
    for i in gradient.indices { gradient[i] *= fraction }
    return (logit * fraction, gradient)
  }
}
