import Foundation
public import Metrics

/// What a generator's pictures are worth, beside real crops that it never saw.
public struct GANEvaluation: Sendable, Codable {
  /// A figure with its 95 % interval.
  public struct Figure: Sendable, Codable {
    public var value: Double
    public var interval: Interval?
  }

  /// In the features of one network.
  public struct Space: Sendable, Codable {
    /// The model and the layer that the features are of, and how many there are.
    public var model: String
    public var modelSHA256: String
    public var layer: String
    public var features: Int
    /// Of generated pictures to unseen real crops; of as many real training crops to them, for comparison.
    public var frechetDistance: Figure
    public var frechetDistanceOfTraining: Figure
    /// Share of generated pictures among real ones, and of real ones among generated ones.
    public var precision: Figure
    public var recall: Figure
  }

  /// Whether pictures repeat crops of the training part.
  public struct Memorisation: Sendable, Codable {
    /// Probability that a generated picture lies nearer to its nearest training crop than an unseen real crop to its own:
    /// ½ where they lie alike, 1 where everything is copied (after Meehan et al. 2020).
    public var nearer: Figure
    /// Medians of the distance to the nearest training crop, the root of the mean square over pixels on the [0, 1] scale.
    public var distance: Double
    public var distanceOfUnseen: Double
  }

  public var model: String
  public var pictures: Int
  public var realCrops: Int
  public var trainingCrops: Int
  /// Nearest neighbours that define the manifolds.
  public var neighbours: Int
  public var truncation: Float?
  public var spaces: [Space]
  public var memorisation: Memorisation
  /// How much pictures differ, over how much unseen real crops do.
  public var diversity: Double
  /// What was noticed in training.
  public var findings: [String]

  public func json() throws -> String { try readableJSON(self) }

  /// For people.
  public var table: String {
    var text = "\(model): \(pictures) pictures beside \(realCrops) real crops that it never saw\n\n"
    text += alignedTable(heading: Self.heading, rows: spaces.map(Self.row))
    text += "\nnearer to a training crop than an unseen one is: \(Self.text(memorisation.nearer)) "
    text += "(½: no copies, 1: all are)\n"
    text += String(
      format: "median distance to the nearest training crop: %.4f, of unseen real crops %.4f\n", memorisation.distance,
      memorisation.distanceOfUnseen)
    text += String(format: "pictures differ %.2f times as much as real crops\n", diversity)
    for finding in findings { text += "warning: \(finding)\n" }
    return text
  }

  static let heading = ["FEATURES", "FRÉCHET DISTANCE", "OF TRAINING CROPS", "PRECISION", "RECALL"]

  static func row(_ space: Space) -> [String] {
    ["\(space.model), \(space.layer) (\(space.features))"]
      + [space.frechetDistance, space.frechetDistanceOfTraining, space.precision, space.recall].map(text)
  }

  static func text(_ figure: Figure) -> String {
    func short(_ value: Double) -> String {
      abs(value) >= 100 ? String(format: "%.1f", value) : String(format: "%.3f", value)
    }
    return short(figure.value) + (figure.interval.map { " (\(short($0.lower)) – \(short($0.upper)))" } ?? "")
  }
}
