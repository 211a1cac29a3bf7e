/// Model card: what a user must know before relying on a model.
public struct ModelCard: Sendable, Hashable, Codable {
  /// One measured figure with its 95 % confidence interval.
  public struct Figure: Sendable, Hashable, Codable {
    public var name: String
    public var value: Double
    public var low: Double?
    public var high: Double?

    public init(name: String, value: Double, low: Double? = nil, high: Double? = nil) {
      self.name = name
      self.value = value
      self.low = low
      self.high = high
    }
  }

  /// Training data: data sets, counts and split.
  public var trainingData: String
  /// Settings of the training, by option.
  public var settings: [String: String]
  /// Figures on the validation part, on which the best epoch, calibration and thresholds were chosen.
  public var validation: [Figure]
  /// Figures on the test part; nil if the model was not evaluated on it.
  public var test: [Figure]?
  /// Day of that evaluation, `YYYY-MM-DD`; nil if there was none, or its day is unknown.
  public var testDate: String?
  /// Part of the split (`train`, `validation`, `test`) of each source; nil if unknown.
  public var sources: [String: String]?
  public var intendedUse: String
  public var limits: String
  public var licence: String

  public init(
    trainingData: String, settings: [String: String] = [:], validation: [Figure] = [], intendedUse: String,
    limits: String, licence: String
  ) {
    self.trainingData = trainingData
    self.settings = settings
    self.validation = validation
    self.intendedUse = intendedUse
    self.limits = limits
    self.licence = licence
  }
}
