import Attacks
import Decoder
import Imaging
import Pipeline
import Scoring
import Verdicts

/// Passes crops through with the result of the attack on each, and adds to each video its evasion margin.
///
/// Crops are held until their video is complete, because an attack on the video's verdict needs all of them.
struct PerturbStage: Stage, ~Copyable {
  static var name: String { "perturb" }

  private let attack: ScanAttack?
  private let margin: FlipMargin?
  private let attacker: FaceAttacker
  /// Nil if the faces do not come from a face detector.
  private let search: CropSearch?
  private var pending: [Int: [[UInt8]]] = [:]

  private let onActivity: @Sendable (String) -> Void

  /// - Parameter onActivity: called with the video that is attacked.
  init(_ plan: ScanPlan, workers: Int, onActivity: @escaping @Sendable (String) -> Void = { _ in }) throws {
    self.onActivity = onActivity
    let attacker = try FaceAttacker(plan.attackModel, judge: plan.judge, workers: workers)
    let search =
      plan.attack != nil && plan.request.faces == .detect
      ? try CropSearch(plan.faceDetector, framing: plan.request.framing) : nil
    attack = plan.attack
    margin = plan.margin
    self.attacker = attacker
    self.search = search
  }

  mutating func process(_ item: ScanItem, emit: (ScanItem) -> Void) throws {
    switch item {
    case .crop(let video, let pixels, _):
      pending[video, default: []].append(pixels)
    case .end(let video, let file, let count, var extras):
      let crops = pending.removeValue(forKey: video) ?? []
      defer { onActivity("") }
      if let guise = file.canary {
        onActivity("canary, \(guise.rawValue)")
        try pass(crops, of: file, number: video, canary: guise, emit)
        return emit(.end(video: video, file: file, crops: count))
      }
      guard attack != nil || margin != nil else {
        for pixels in crops { emit(.crop(video: video, pixels: pixels)) }
        return emit(item)
      }
      onActivity((attack == nil ? "evasion margin of " : "attack on ") + file.shownName)
      let pictures = attacker.pictures(crops)
      let clean = try attacker.logits(pictures)
      let perturbed = try attack.map { try perturb(pictures, clean, of: file, by: $0) }
      for (index, pixels) in crops.enumerated() {
        emit(.crop(video: video, pixels: pixels, perturbed: perturbed?[index]))
      }
      extras.margin = try file.failure == nil ? margin?.find(pictures, clean: clean, of: file, with: attacker) : nil
      emit(.end(video: video, file: file, crops: count, extras: extras))
    }
  }

  /// Applies only the canary's guise to a canary.
  private func pass(
    _ crops: [[UInt8]], of file: DecodedFile, number: Int, canary guise: CanaryGuise, _ emit: (ScanItem) -> Void
  ) throws {
    var attacked: [PerturbedFace]?
    if guise == .perturbed {
      let pictures = attacker.pictures(crops)
      attacked = try attacker.attack(
        pictures, clean: try attacker.logits(pictures), by: Canaries.attack, epsilon: Canaries.epsilon, whole: .fake,
        seed: 1)
    }
    for (index, pixels) in crops.enumerated() {
      emit(.crop(video: number, pixels: pixels, perturbed: attacked?[index].logit))
    }
  }

  private func perturb(
    _ pictures: [CropPixels], _ clean: [Float], of file: DecodedFile, by attack: ScanAttack
  ) throws -> [PerturbedLogit] {
    var whole: TrueClass?
    if attack.settings.target == .video, let judgement = try attacker.judgement(file, clean) {
      whole = judgement.verdict == .real ? .real : .fake
    }
    let faces = try attacker.attack(
      pictures, clean: clean, by: attack.attack, epsilon: attack.settings.epsilon, whole: whole,
      seed: attack.settings.seed)
    return try zip(pictures, faces).map { before, face in
      var logit = face.logit
      logit.isFound = try search.map { (try $0.findsFace(in: before.frame), try $0.findsFace(in: face.crop.frame)) }
      return logit
    }
  }
}
