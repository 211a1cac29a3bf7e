import Compute

/// Runs attacks under identical rules.
///
/// The proposal is projected onto the ball and [0, 1], rounded to 8 bits and scored again; only that result counts.
/// Initially misclassified crops are not attacked. Attacks stop early when their oracle misclassifies the crop. If the
/// judging model then does not (a transferred attack, a mean over a defence's draws, or rounding), the attack runs again
/// to completion.
public struct AttackRunner {
  /// Factors by which a minimal perturbation is scaled up until it survives rounding to 8 bits.
  private static let lengthenings: [Float] = [1, 1.02, 1.05, 1.1, 1.2, 1.35, 1.5, 2, 2.5, 3, 4, 6, 8, 12, 16]
  /// Logit margin beyond the boundary that attacks aim for when just crossing it was not enough.
  private static let patience: Float = 20

  private let oracle: any GradientOracle
  /// Oracle that decides success; the attacked model itself unless the attack is transferred.
  private let judge: any GradientOracle
  private let eightBit: Bool
  private let goesOn: Bool

  /// - Parameters:
  ///   - eightBit: false omits rounding, to compare with other tools; no image file can store such values.
  ///   - goesOn: runs attacks to completion, to measure how far a logit can be moved.
  public init(
    _ oracle: any GradientOracle, judgedBy judge: (any GradientOracle)? = nil, eightBit: Bool = true,
    goesOn: Bool = false
  ) {
    self.oracle = oracle
    self.eightBit = eightBit
    self.goesOn = goesOn
    self.judge = judge ?? oracle
  }

  /// - Parameters:
  ///   - x: with 8-bit values.
  ///   - epsilon: nil for no limit, for minimal attacks only.
  ///   - seed: with `item` it determines all randomness, independently of other crops.
  /// - Throws: errors of the oracles.
  public func run(
    _ attack: any Attack, on x: CropPixels, truth: TrueClass, epsilon: Float?, seed: UInt64, item: Int
  ) throws -> (crop: CropPixels, outcome: AttackOutcome) {
    var search: Search?
    return try run(attack, on: x, truth: truth, epsilon: epsilon, seed: seed, item: item, search: &search)
  }

  /// The outcomes under several budgets; an attack whose search does not depend on the budget searches once for all.
  ///
  /// The cost of each outcome includes the search, as if run for this budget alone.
  public func run(
    _ attack: any Attack, on x: CropPixels, truth: TrueClass, epsilons: [Float?], seed: UInt64, item: Int
  ) throws -> [(crop: CropPixels, outcome: AttackOutcome)] {
    var search: Search?
    return try epsilons.map { epsilon in
      if attack.usesBudget { search = nil }
      return try run(attack, on: x, truth: truth, epsilon: epsilon, seed: seed, item: item, search: &search)
    }
  }

  /// The attack's proposal before projection.
  private struct Search {
    var proposal: CropPixels
    var queries: Int
    var gradients: Int
  }

  /// - Parameter search: result of a minimal attack's search; computed here if nil.
  private func run(
    _ attack: any Attack, on x: CropPixels, truth: TrueClass, epsilon: Float?, seed: UInt64, item: Int,
    search: inout Search?
  ) throws -> (crop: CropPixels, outcome: AttackOutcome) {
    let epsilon = epsilon ?? .infinity
    precondition(epsilon < .infinity || attack.isMinimal, "\(attack.id) needs a budget")
    let (queries, gradients) = (oracle.queries, oracle.gradients)
    var saved: (queries: Int, gradients: Int) = (0, 0)
    let clean = try judge.logit(of: x)
    var result = x
    var logit = clean
    if !truth.isFooled(by: clean), epsilon > 0 {
      let ball = NormBall(attack.norm, radius: epsilon, around: x)
      for patience in goesOn ? [Self.patience] : [0, Self.patience] {
        let proposal: CropPixels
        var wasFooled = true
        if let search {
          proposal = search.proposal
          saved = (search.queries, search.gradients)
        } else {
          let before = (oracle.queries, oracle.gradients)
          var generator = SeededGenerator(seed: seed, path: [UInt64(item)])
          let seen = AttackView(
            oracle, truth: truth, patience: patience, SeededGenerator(seed: seed, path: [UInt64(item), 1]))
          proposal = try attack.perturb(x, truth: truth, epsilon: epsilon, oracle: seen, using: &generator)
          wasFooled = seen.wasFooled
          if attack.isMinimal {
            search = Search(
              proposal: proposal, queries: oracle.queries - before.0, gradients: oracle.gradients - before.1)
          }
        }
        let (crop, its) = try settled(proposal, in: ball, truth: truth, isMinimal: attack.isMinimal)
        if truth.margin(its) < truth.margin(logit) { (result, logit) = (crop, its) }
        if truth.isFooled(by: logit) || !wasFooled || attack.isMinimal { break }
      }
    }
    let outcome = AttackOutcome(
      cleanLogit: clean, perturbedLogit: logit, isInitiallyCorrect: !truth.isFooled(by: clean),
      isSuccess: !truth.isFooled(by: clean) && truth.isFooled(by: logit),
      size: PerturbationSize(from: x, to: result), queries: oracle.queries - queries + saved.queries,
      gradients: oracle.gradients - gradients + saved.gradients)
    return (result, outcome)
  }

  private func settled(
    _ proposal: CropPixels, in ball: NormBall, truth: TrueClass, isMinimal: Bool
  ) throws -> (CropPixels, Float) {
    var best: (crop: CropPixels, logit: Float)?
    for factor in isMinimal ? Self.lengthenings : [1] {
      var x = proposal
      if factor > 1, ball.norm != .l0 {
        for i in x.values.indices {
          x.values[i] = ball.origin.values[i] + factor * (proposal.values[i] - ball.origin.values[i])
        }
      }
      ball.project(&x)
      for rounded in eightBit ? ball.eightBit(x) : [x] {
        let logit = try judge.logit(of: rounded)
        if best.map({ truth.margin(logit) < truth.margin($0.logit) }) ?? true { best = (rounded, logit) }
      }
      if let best, truth.isFooled(by: best.logit) || ball.norm == .l0 { break }
    }
    return try best ?? (proposal, judge.logit(of: proposal))
  }
}

/// The outcome of an attack on one crop.
public struct AttackOutcome: Sendable, Codable {
  /// Before the attack; from 0 up the decision is "fake".
  public var cleanLogit: Float
  /// Of the perturbed crop with 8-bit values.
  public var perturbedLogit: Float
  /// Whether the crop was initially classified correctly; otherwise it is not attacked.
  public var isInitiallyCorrect: Bool
  /// Initially correct and now misclassified, within the budget.
  public var isSuccess: Bool
  /// Of the 8-bit perturbation.
  public var size: PerturbationSize
  public var queries: Int
  public var gradients: Int
  /// Disagreement of the model on the perturbed crop under small changes; nil if not measured.
  public var disagreement: Double?
  /// Whether the face detector finds the face; nil without a face detector.
  public var sighting: FaceSighting?

  private enum CodingKeys: String, CodingKey {
    case cleanLogit, perturbedLogit, isSuccess, size, queries, gradients, disagreement, sighting
    case isInitiallyCorrect = "wasRight"
  }

  public init(
    cleanLogit: Float, perturbedLogit: Float, isInitiallyCorrect: Bool, isSuccess: Bool, size: PerturbationSize,
    queries: Int,
    gradients: Int
  ) {
    self.cleanLogit = cleanLogit
    self.perturbedLogit = perturbedLogit
    self.isInitiallyCorrect = isInitiallyCorrect
    self.isSuccess = isSuccess
    self.size = size
    self.queries = queries
    self.gradients = gradients
  }
}

/// Whether a face detector finds the face of a crop before and after an attack.
public struct FaceSighting: Sendable, Hashable, Codable {
  public var before: Bool
  public var after: Bool

  public init(before: Bool, after: Bool) {
    self.before = before
    self.after = after
  }
}
