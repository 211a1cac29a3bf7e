import Files
import Metrics
import Verdicts

/// What a comparison needs of one row.
struct ComparedRow: Sendable, Hashable {
  var verdict: Verdict
  /// nil without a verdict that has one.
  var score: Double?

  /// Whether a moderation team has to look at the video.
  var isFlagged: Bool { verdict == .fake || verdict == .undecided }
}

/// A video whose verdict differs between two runs.
struct ChangedVerdict: Sendable, Encodable {
  let path: String
  @ExplicitNull private(set) var oldScore: Double?
  @ExplicitNull private(set) var newScore: Double?
  let oldVerdict: Verdict
  let newVerdict: Verdict

  init(path: String, old: ComparedRow, new: ComparedRow) {
    self.path = path
    oldVerdict = old.verdict
    newVerdict = new.verdict
    oldScore = old.score
    newScore = new.score
  }

  static let table = Table<ChangedVerdict>([
    .untrusted("path") { $0.path },
    .text("oldVerdict") { $0.oldVerdict.rawValue }.shown(as: "old verdict") { $0.oldVerdict.shortPhrase },
    .text("newVerdict") { $0.newVerdict.rawValue }.shown(as: "new verdict") { $0.newVerdict.shortPhrase },
    .number("oldScore") { $0.oldScore }.shown(as: "old score"),
    .number("newScore") { $0.newScore }.shown(as: "new score"),
  ])
}

/// How the verdicts and scores of the same videos differ between two runs.
struct RunComparison: Sendable, Encodable {
  /// The settings of a run that decide its verdicts.
  struct Side: Sendable, Encodable {
    /// Several where rows were kept over a change of model.
    var models: [String] = []
    var detectors: [String] = []
    var thresholds: [Thresholds] = []

    mutating func add(_ context: ScanContext) {
      let model = "\(context.model.name) \(context.model.sha256.prefix(12))"
      if !models.contains(model) { models.append(model) }
      if !detectors.contains(context.detector) { detectors.append(context.detector) }
      if !thresholds.contains(context.thresholds) { thresholds.append(context.thresholds) }
    }
  }

  /// One threshold and how many of the compared videos reach it.
  struct Workload: Sendable, Encodable {
    let threshold: Double
    let old: Int
    let new: Int
  }

  var old = Side()
  var new = Side()
  /// Videos that both runs list with the same content.
  private(set) var compared = 0
  private(set) var onlyOld = 0
  private(set) var onlyNew = 0
  /// Videos whose content changed between the runs; not compared.
  private(set) var otherContent = 0
  /// Compared videos by old, then new verdict; only those that occur.
  private(set) var verdicts: [Verdict: [Verdict: Int]] = [:]
  private(set) var newlyFlagged = 0
  private(set) var noLongerFlagged = 0
  /// Videos that have a score in both runs; the following values are about them.
  private(set) var scored = 0
  private(set) var meanShift: Double?
  private(set) var meanAbsoluteShift: Double?
  /// Counts in tenths of the score.
  private(set) var oldScores = [Int](repeating: 0, count: 10)
  private(set) var newScores = [Int](repeating: 0, count: 10)
  private(set) var populationStability: Double?
  /// Probability of so uneven a split of the changes between flagged and not flagged, if neither way is more likely.
  private(set) var flaggedSignTest = 1.0
  private(set) var workload: [Workload] = []
  /// Largest change of the score first.
  private(set) var changes: [ChangedVerdict] = []

  /// Score from which the workload is counted, besides the runs' own thresholds.
  private static let levels = [0.5, 0.6, 0.7, 0.8, 0.9]

  /// - Parameter pairs: the rows of each path that one of the runs lists, with the SHA-256 of the content.
  init(
    old: Side, new: Side,
    pairs: [(path: String, old: ComparedRow?, new: ComparedRow?, isSameContent: Bool)]
  ) {
    (self.old, self.new) = (old, new)
    var scores: [(old: Double, new: Double)] = []
    for pair in pairs {
      guard let before = pair.old else { onlyNew += 1; continue }
      guard let after = pair.new else { onlyOld += 1; continue }
      guard pair.isSameContent else { otherContent += 1; continue }
      compared += 1
      verdicts[before.verdict, default: [:]][after.verdict, default: 0] += 1
      if after.isFlagged, !before.isFlagged { newlyFlagged += 1 }
      if before.isFlagged, !after.isFlagged { noLongerFlagged += 1 }
      if before.verdict != after.verdict {
        changes.append(ChangedVerdict(path: pair.path, old: before, new: after))
      }
      if let first = before.score, let second = after.score { scores.append((first, second)) }
    }
    flaggedSignTest = SignTest.probability(newlyFlagged, noLongerFlagged)
    scored = scores.count
    oldScores = PopulationStability.deciles(scores.lazy.map(\.old))
    newScores = PopulationStability.deciles(scores.lazy.map(\.new))
    populationStability = PopulationStability.index(reference: oldScores, current: newScores)
    if !scores.isEmpty {
      meanShift = scores.reduce(0) { $0 + $1.new - $1.old } / Double(scores.count)
      meanAbsoluteShift = scores.reduce(0) { $0 + abs($1.new - $1.old) } / Double(scores.count)
    }
    let own = (old.thresholds + new.thresholds).flatMap { [$0.real, $0.fake] }
    workload = Set(Self.levels + own).sorted().map { level in
      Workload(
        threshold: level, old: scores.count { $0.old >= level }, new: scores.count { $0.new >= level })
    }
    changes.sort {
      (-abs(($0.newScore ?? 0) - ($0.oldScore ?? 0)), $0.path)
        < (-abs(($1.newScore ?? 0) - ($1.oldScore ?? 0)), $1.path)
    }
  }
}
