package import Attacks
package import Datasets

/// What a run attacks, as its grid sees it.
package protocol AttackTarget: Sendable {
  /// The name in tables.
  var name: String { get }
  /// What an outcome is kept under.
  var key: String { get }
  /// What stands in front of it; nil for nothing.
  var defence: (any InputDefence)? { get }
  /// Whether attacks know the defence; those that do not see what is behind it.
  var isDefenceKnown: Bool { get }

  /// As it answers, behind its defence, for the calling thread; logits count from the decision's boundary.
  func oracle() throws -> any GradientOracle
  /// Without its defence.
  func bareOracle() throws -> any GradientOracle
  /// The right answer to a crop of this label.
  func truth(of label: Label) -> TrueClass
  /// The answer in words that a picture's caption takes.
  func answer(_ logit: Float) -> String
}
