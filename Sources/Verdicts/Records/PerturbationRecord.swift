/// The attack that a video's faces went through beside being judged as they are.
public struct PerturbationRecord: Sendable, Hashable, Codable {
  /// The attack's id and the norm of its budget.
  public let attack: String
  public let norm: String
  /// Budget on the [0, 1] pixel scale; for ℓ0 a number of pixels.
  public let epsilon: Double
  public let seed: UInt64
  /// What else it was set to.
  public let settings: [String: String]
  /// What came of it; nil where there was no face to perturb.
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

/// What an attack did to a video.
public struct PerturbationEffect: Sendable, Hashable, Codable {
  /// `fake`, `undecided` or `real`, of the perturbed faces; `noFace` where the detector finds none of them any more.
  public let perturbedVerdict: Verdict
  /// Faces, and how many of them the attack turned to the other class.
  public let faces: Int
  public let turned: Int
  /// The greatest change of a value, on the [0, 1] scale, and the mean size of the faces' perturbations otherwise.
  public let largestLinf: Double
  public let meanL2: Double
  public let meanL0: Double
  /// What the face detector makes of the crops; nil where no detector found the faces, and in older manifests.
  public let detection: DetectionChange?

  public init(
    perturbedVerdict: Verdict, faces: Int, turned: Int, largestLinf: Double, meanL2: Double, meanL0: Double,
    detection: DetectionChange? = nil
  ) {
    self.perturbedVerdict = perturbedVerdict
    self.faces = faces
    self.turned = turned
    self.largestLinf = largestLinf.manifestRounded
    self.meanL2 = meanL2.manifestRounded
    self.meanL0 = meanL0.manifestRounded
    self.detection = detection
  }
}

/// How little it takes to turn a video's verdict.
public struct MarginRecord: Sendable, Hashable, Codable {
  /// The smallest change of 8-bit pixel levels by which an attack turned it; nil when none up to `upTo` did.
  @ExplicitNull public private(set) var levels: Int?
  public let upTo: Int

  /// - Precondition: `levels` lies in 1...`upTo`.
  public init(levels: Int?, upTo: Int) {
    precondition(levels.map { (1...upTo).contains($0) } ?? true, "a margin of \(levels ?? 0) up to \(upTo)")
    self.levels = levels
    self.upTo = upTo
  }

  /// For the note in a table.
  var text: String {
    levels.map { "turned by \($0)/255" } ?? "not turned by \(upTo)/255"
  }
}

/// Whether a video's faces look as if somebody had perturbed them: whether their scores differ too much under small random
/// changes.
public struct PerturbedInputRecord: Sendable, Hashable, Codable {
  /// Mean change of the faces' log-odds under the small changes; the median over the faces.
  public let disagreement: Double
  /// What unperturbed footage stays below, but for `falseAlarmRate` of it.
  public let threshold: Double
  /// Share of unperturbed footage that the threshold was fitted to flag.
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
