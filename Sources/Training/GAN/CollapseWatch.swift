import Foundation

/// Says when a generator has collapsed or has nothing more to learn from, by the looks taken so far.
struct CollapseWatch: Sendable {
  /// Pictures that differ less than this share of what real crops do are too much alike.
  let share: Double
  /// Steps before which nothing is said about that.
  let grace: Int

  /// A discriminator's mean loss below this means that it tells everything apart.
  static let wonLoss = 0.02
  /// Looks in a row that it takes.
  static let wonLooks = 3
  /// From here on the discriminator knows its crops by heart.
  static let byHeart = 0.8

  /// What has gone wrong by the last look; empty for nothing.
  func findings(_ looks: [GANLook]) -> [Finding] {
    guard let last = looks.last else { return [] }
    var findings: [Finding] = []
    if last.step >= grace, last.diversity < share {
      findings.append(
        Finding(
          kind: .collapse,
          text: String(
            format: "the generator has collapsed: at step %d its pictures differ %.2f times as much as real crops, "
              + "less than %.2f; try another --seed, a lower --generator-rate or --discriminator-steps 2",
            last.step, last.diversity, share)))
    }
    let recent = looks.suffix(Self.wonLooks)
    if recent.count == Self.wonLooks, recent.allSatisfy({ $0.discriminatorLoss < Self.wonLoss }) {
      findings.append(
        Finding(
          kind: .won,
          text: String(
            format: "the discriminator has won: its loss has been below %g since step %d, so that the generator learns "
              + "nothing; lower --discriminator-rate or give it more crops", Self.wonLoss, recent.first?.step ?? 0)))
    }
    if last.step >= grace, let overfitting = last.overfitting, overfitting > Self.byHeart {
      findings.append(
        Finding(
          kind: .byHeart,
          text: String(
            format: "the discriminator knows its crops by heart: at step %d unseen ones are to it what generated ones "
              + "are (%.2f of the way); take an earlier step or more crops", last.step, overfitting)))
    }
    return findings
  }

  /// Something that went wrong.
  struct Finding: Sendable, Equatable {
    package enum Kind: Sendable { case collapse, won, byHeart }
    var kind: Kind
    var text: String
  }

  /// What is new at the last look.
  func news(_ looks: [GANLook]) -> [Finding] {
    let before = Set(findings(Array(looks.dropLast())).map(\.kind))
    return findings(looks).filter { !before.contains($0.kind) }
  }
}
