package import Attacks
package import Datasets

/// Target of an attack run.
package protocol AttackTarget: Sendable {
  /// Name in tables.
  var name: String { get }
  /// Key under which outcomes are stored.
  var key: String { get }
  /// Input-transformation defence applied before the network, if any.
  var defence: (any InputDefence)? { get }
  /// Whether attacks know the defence; otherwise they attack the bare network.
  var isDefenceKnown: Bool { get }

  /// Oracle including the defence, for the calling thread; logits are relative to the decision boundary.
  func oracle() throws -> any GradientOracle
  /// Oracle without the defence.
  func bareOracle() throws -> any GradientOracle
  /// The correct answer for a crop with this label.
  func truth(of label: Label) -> TrueClass
  /// The answer as text, for captions.
  func answer(_ logit: Float) -> String
}
