/// The attack that a video's faces went through before they were judged, with both scores.
public struct PerturbationRecord: Sendable, Hashable, Codable {
  /// The attack's id and the norm of its budget.
  public let attack: String
  public let norm: String
  /// Budget on the [0, 1] pixel scale.
  public let epsilon: Double
  public let seed: UInt64
  /// What else it was set to.
  public let settings: [String: String]

  public init(attack: String, norm: String, epsilon: Double, seed: UInt64, settings: [String: String] = [:]) {
    self.attack = attack
    self.norm = norm
    self.epsilon = epsilon
    self.seed = seed
    self.settings = settings
  }
}
