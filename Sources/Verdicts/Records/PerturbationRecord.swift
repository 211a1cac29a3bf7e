/// The attack on a video's faces, made in addition to the verdict on the clean video.
public struct PerturbationRecord: Sendable, Hashable, Codable {
  /// The attack's id, and the norm of its budget.
  public let attack: String
  public let norm: String
  /// Budget on the [0, 1] pixel scale; for ℓ0 a number of pixels.
  public let epsilon: Double
  public let seed: UInt64
  /// Other settings of the attack.
  public let settings: [String: String]
  /// Result of the attack; nil if there was no face to perturb.
  @ExplicitNull public private(set) var effect: PerturbationEffect?

  public init(
    attack: String, norm: String, epsilon: Double, seed: UInt64, settings: [String: String] = [:],
    effect: PerturbationEffect? = nil
  ) {
    self.attack = attack
    self.norm = norm
    self.epsilon = epsilon
    self.seed = seed
    self.settings = settings
    self.effect = effect
  }
}

/// The effect of an attack on a video.
public struct PerturbationEffect: Sendable, Hashable, Codable {
  /// `fake`, `undecided` or `real` for the perturbed faces; `noFace` if the face detector no longer finds any of them.
  public let perturbedVerdict: Verdict
  /// Number of faces, and of those that the attack misclassified.
  public let faces: Int
  public let misclassified: Int
  /// The largest change of a value, on the [0, 1] scale, and the mean norms of the faces' perturbations.
  public let largestLinf: Double
  public let meanL2: Double
  public let meanL0: Double
  /// Face detection on the perturbed crops; nil if the faces do not come from a face detector, and in older manifests.
  public let detection: DetectionChange?

  private enum CodingKeys: String, CodingKey {
    case perturbedVerdict, faces, largestLinf, meanL2, meanL0, detection
    case misclassified = "turned"
  }

  public init(
    perturbedVerdict: Verdict, faces: Int, misclassified: Int, largestLinf: Double, meanL2: Double, meanL0: Double,
    detection: DetectionChange? = nil
  ) {
    self.perturbedVerdict = perturbedVerdict
    self.faces = faces
    self.misclassified = misclassified
    self.largestLinf = largestLinf.manifestRounded
    self.meanL2 = meanL2.manifestRounded
    self.meanL0 = meanL0.manifestRounded
    self.detection = detection
  }
}

/// Evasion margin: the smallest perturbation that flips a video's verdict.
public struct MarginRecord: Sendable, Hashable, Codable {
  /// The smallest change of 8-bit pixel levels with which an attack flipped it; nil if none up to `upTo` did.
  @ExplicitNull public private(set) var levels: Int?
  public let upTo: Int

  /// - Precondition: `levels` lies in 1...`upTo`.
  public init(levels: Int?, upTo: Int) {
    precondition(levels.map { (1...upTo).contains($0) } ?? true, "a margin of \(levels ?? 0) up to \(upTo)")
    self.levels = levels
    self.upTo = upTo
  }

  /// For the note in the verdict table.
  var text: String {
    levels.map { "flipped by \($0)/255" } ?? "not flipped by \(upTo)/255"
  }
}

/// Result of the perturbed-input flag: whether the faces' scores vary too much under small random changes.
public struct PerturbedInputRecord: Sendable, Hashable, Codable {
  /// Mean change of the faces' log-odds under the small changes; the median over the faces.
  public let disagreement: Double
  /// Threshold that a fraction of `falseAlarmRate` of unperturbed footage exceeds.
  public let threshold: Double
  /// False alarm rate on unperturbed footage for which the threshold was fitted.
  public let falseAlarmRate: Double
  public let isFlagged: Bool

  public init(disagreement: Double, threshold: Double, falseAlarmRate: Double) {
    self.disagreement = disagreement.manifestRounded
    self.threshold = threshold.manifestRounded
    self.falseAlarmRate = falseAlarmRate.manifestRounded
    isFlagged = self.disagreement > self.threshold
  }

  var text: String {
    "scores differ by \(disagreement) under small changes, more than \(threshold): the faces may be perturbed"
  }
}

extension VideoRecord {
  /// `under fgsm linf 0.031: 0.982 → 0.120, no sign found`; nil without an attack.
  var perturbationText: String? {
    guard let attack = perturbation else { return nil }
    let what = "under \(attack.attack) \(attack.norm) \(Self.budget(attack.epsilon, attack.norm))"
    guard let effect = attack.effect else { return "\(what): no face to perturb" }
    func text(_ score: Double?) -> String { score.map(Self.thousandths) ?? "-" }
    return "\(what): \(text(cleanScore)) → \(text(perturbedScore)), \(effect.perturbedVerdict.shortPhrase)"
  }

  /// An ℓ∞ budget of whole 255ths as such.
  private static func budget(_ epsilon: Double, _ norm: String) -> String {
    let levels = epsilon * 255
    let isWhole = norm == "linf" && levels >= 0.5 && abs(levels - levels.rounded()) < 1e-3
    return isWhole ? "\(Int(levels.rounded()))/255" : thousandths(epsilon)
  }

  /// Three decimals, truncated as in the column of scores; a whole number as it is.
  private static func thousandths(_ value: Double) -> String {
    guard value != value.rounded() || value < 2 else { return "\(Int(value))" }
    let digits = "\(1000 + Int((value - value.rounded(.down)) * 1000 + 1e-9))".dropFirst()
    return "\(Int(value)).\(digits)"
  }
}
