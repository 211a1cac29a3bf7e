import Foundation

/// Detects mode collapse and a saturated discriminator from the training log.
struct CollapseWatch: Sendable {
  /// Diversity relative to real crops below which the generator counts as collapsed.
  let fraction: Double
  /// Number of initial steps without that check.
  let grace: Int

  /// Mean discriminator loss below which the discriminator separates everything.
  static let wonLoss = 0.02
  /// Number of consecutive log entries required.
  static let wonLooks = 3
  /// Overfitting value from which the discriminator has memorised its crops.
  static let memorised = 0.8

  /// Problems at the last log entry; empty if there are none.
  func findings(_ looks: [GANLook]) -> [Finding] {
    guard let last = looks.last else { return [] }
    var findings: [Finding] = []
    if last.step >= grace, last.diversity < fraction {
      findings.append(
        Finding(
          kind: .collapse,
          text: String(
            format: "mode collapse: at step %d, the diversity of pictures is %.2f of that of real crops, "
              + "less than %.2f; try another --seed, a lower --generator-rate or --discriminator-steps 2",
            last.step, last.diversity, fraction)))
    }
    let recent = looks.suffix(Self.wonLooks)
    if recent.count == Self.wonLooks, recent.allSatisfy({ $0.discriminatorLoss < Self.wonLoss }) {
      findings.append(
        Finding(
          kind: .won,
          text: String(
            format:
              "the discriminator dominates: its loss has been below %g since step %d, so that the generator learns "
              + "nothing; lower --discriminator-rate or give it more crops", Self.wonLoss, recent.first?.step ?? 0)))
    }
    if last.step >= grace, let overfitting = last.overfitting, overfitting > Self.memorised {
      findings.append(
        Finding(
          kind: .memorised,
          text: String(
            format:
              "the discriminator overfits: at step %d it scores held-out real crops like generated ones (%.2f of "
              + "the way); use an earlier step or more crops", last.step, overfitting)))
    }
    return findings
  }

  /// A training problem.
  struct Finding: Sendable, Equatable {
    package enum Kind: Sendable { case collapse, won, memorised }
    var kind: Kind
    var text: String
  }

  /// Problems that are new at the last log entry.
  func news(_ looks: [GANLook]) -> [Finding] {
    let before = Set(findings(Array(looks.dropLast())).map(\.kind))
    return findings(looks).filter { !before.contains($0.kind) }
  }
}
