/// Several detectors as one, the mean of their logits: what fools all of them carries over to others more often
/// (Liu et al. 2017). With one other detector in it, the oracle of a transfer attack.
public final class EnsembleOracle: GradientOracle {
  private let members: [any GradientOracle]

  /// - Precondition: there is a member.
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
    let share = 1 / Float(members.count)
    for i in gradient.indices { gradient[i] *= share }
    return (logit * share, gradient)
  }
}
