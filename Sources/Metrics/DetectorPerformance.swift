/// Performance of scores against the labels: counts, metrics with intervals, and decisions at thresholds.
public struct DetectorPerformance: Sendable, Codable {
  /// A scored crop or video.
  public struct Item: Sendable {
    /// P(fake), 0…1.
    public var score: Double
    public var isFake: Bool
    /// Its source; items of one source are not independent.
    public var source: String
    /// Manipulation method, or that there is none.
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

  /// A value with its 95 % interval, a bootstrap over sources; no interval if the spread is unknown.
  public struct Figure: Sendable, Codable {
    public var name: String
    public var value: Double
    public var lower: Double?
    public var upper: Double?
  }

  /// The decisions at one threshold.
  public struct Decision: Sendable, Codable {
    public var name: String
    public var threshold: Double
    public var confusion: ConfusionMatrix
    /// Precision, recall and derived metrics.
    public var figures: [Figure]
  }

  /// A subset of the items: one manipulation method with all real items, or a data set.
  public struct Part: Sendable, Codable {
    public var name: String
    public var count: Int
    public var fakes: Int
    public var auc: Double?
    public var aucInterval: Interval?
    /// Recall at the lower threshold.
    public var recall: Double?
    public var falsePositiveRate: Double?
  }

  /// The yield of a review budget, with the interval of its precision.
  public struct Workload: Sendable, Codable {
    public var budget: ReviewBudget
    public var expectation: ReviewBudget.Expectation
    public var precisionInterval: Interval?
  }

  /// The kind of item, in the plural.
  public let unit: String
  public let count: Int
  public let fakes: Int
  public let sources: Int
  /// Fraction of fakes; also the precision of always answering "fake".
  public let prevalence: Double
  /// Metrics without a threshold.
  public let figures: [Figure]
  /// Decisions at the model's thresholds, the lower one first.
  public let decisions: [Decision]
  /// The highest recall at certain precisions; omits precisions that no threshold reaches.
  public let recallAtPrecision: [Decision]
  public let methods: [Part]
  public let datasets: [Part]
  public let workload: Workload?
}
