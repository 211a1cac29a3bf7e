package import Attacks
import Compute
package import Decoder
import Imaging
import Models
package import Verdicts

/// Attacks the faces of one video at a time, on several threads.
package final class FaceAttacker: Sendable {
  /// Oracles of one thread.
  struct Oracles {
    /// Attacks stop as soon as a crop crosses the decision boundary.
    let plain: any GradientOracle
    /// The boundary is shifted so far that attacks run to completion: every bit counts for the mean over a video.
    let towardsFake: any GradientOracle
    let towardsReal: any GradientOracle
  }

  /// Shift of these boundaries, in logits.
  package static let overshoot: Float = 20

  private let model: AttackModel
  private let judge: Judge
  // One for each worker of `share`; calls do not overlap.
  nonisolated(unsafe) private let oracles: [Oracles]

  package init(_ model: AttackModel, judge: Judge, workers: Int) throws {
    self.model = model
    self.judge = judge
    oracles = try (0..<workers).map { _ in
      Oracles(
        plain: try model.oracle(), towardsFake: try model.oracle(shift: Self.overshoot),
        towardsReal: try model.oracle(shift: -Self.overshoot))
    }
  }

  /// Crops in the format of attacks.
  package func pictures(_ crops: [[UInt8]]) -> [CropPixels] {
    let side = model.loaded.detector.cropSettings.size
    return crops.map { CropPixels(width: side, height: side, bytes: $0) }
  }

  /// The network's raw logits.
  package func logits(_ crops: [CropPixels]) throws -> [Float] {
    try share(crops) { try $0.plain.logit(of: $1) + self.model.boundary }
  }

  /// The verdict from the logits of a video's faces; nil without faces.
  package func judgement(_ file: DecodedFile, _ logits: [Float]) throws -> Judgement? {
    try judge.judgement(of: file, logits: logits)
  }

  /// Attacks each crop's own class or, if `whole` is set, moves all crops as far away from that class as possible.
  ///
  /// - Parameter clean: logits of the clean crops.
  package func attack(
    _ crops: [CropPixels], clean: [Float], by attack: any Attack, epsilon: Float, whole: TrueClass?, seed: UInt64
  ) throws -> [PerturbedFace] {
    let boundary = model.boundary
    return try share(Array(zip(crops, clean).enumerated())) { oracles, item in
      let (index, (x, clean)) = item
      let own: TrueClass = clean >= boundary ? .fake : .real
      let (oracle, shift) =
        switch whole {
        case nil: (oracles.plain, Float(0))
        case .real: (oracles.towardsFake, Self.overshoot)
        case .fake: (oracles.towardsReal, -Self.overshoot)
        }
      let (crop, outcome) = try AttackRunner(oracle).run(
        attack, on: x, truth: whole ?? own, epsilon: epsilon, seed: seed, item: index)
      let logit = outcome.perturbedLogit + boundary + shift
      return PerturbedFace(
        logit: PerturbedLogit(
          logit: logit, isTurned: (logit >= boundary) != (clean >= boundary),
          size: PerturbationSize(from: x, to: crop)),
        crop: crop)
    }
  }

  /// `parallelMap` over `items`, each worker with its own oracles.
  private func share<Item: Sendable, Output: Sendable>(
    _ items: [Item], _ body: @Sendable (Oracles, Item) throws -> Output
  ) throws -> [Output] {
    try parallelMap(count: items.count, workers: oracles.count, context: { oracles[$0] }) { oracles, index in
      try body(oracles, items[index])
    }
  }
}
