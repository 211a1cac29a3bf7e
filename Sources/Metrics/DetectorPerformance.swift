/// What scores are worth against the truth: counts, figures with their intervals, and what thresholds decide.
public struct DetectorPerformance: Sendable, Codable {
  /// One thing that was scored: a crop or a video.
  public struct Item: Sendable {
    /// P(fake), 0…1.
    public var score: Double
    public var isFake: Bool
    /// Its source: items of one source are not independent.
    public var source: String
    /// How it was forged, or that it was not.
    public var method: String
    public var dataset: String

    public init(score: Double, isFake: Bool, source: String, method: String, dataset: String) {
      self.score = score
      self.isFake = isFake
      self.source = source
      self.method = method
      self.dataset = dataset
    }
  }

  /// A value with its 95 % interval, a bootstrap over sources; no interval where there is no spread to measure.
  public struct Figure: Sendable, Codable {
    public var name: String
    public var value: Double
    public var lower: Double?
    public var upper: Double?
  }

  /// What flagging from one score on decides.
  public struct Decision: Sendable, Codable {
    public var name: String
    public var threshold: Double
    public var confusion: ConfusionMatrix
    /// Precision, recall and what follows from them.
    public var figures: [Figure]
  }

  /// Part of the items: a kind of manipulation beside all real items, or a data set.
  public struct Part: Sendable, Codable {
    public var name: String
    public var count: Int
    public var fakes: Int
    public var auc: Double?
    public var aucInterval: Interval?
    /// At the lower threshold.
    public var recall: Double?
    public var falsePositiveRate: Double?
  }

  /// What a review budget buys, with the interval of its precision.
  public struct Workload: Sendable, Codable {
    public var budget: ReviewBudget
    public var expectation: ReviewBudget.Expectation
    public var precisionInterval: Interval?
  }

  /// What was scored, in the plural.
  public let unit: String
  public let count: Int
  public let fakes: Int
  public let sources: Int
  /// Share of fakes, which is also the precision of always saying "fake".
  public let prevalence: Double
  /// Figures that no threshold enters.
  public let figures: [Figure]
  /// At the model's thresholds, the lower one first.
  public let decisions: [Decision]
  /// The greatest recall at certain precisions; those that no threshold reaches are missing.
  public let recallAtPrecision: [Decision]
  public let methods: [Part]
  public let datasets: [Part]
  public let workload: Workload?
}
