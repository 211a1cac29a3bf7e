import Files
import Foundation
package import Metrics
import Runs

/// What a generator's pictures are worth, beside real crops that it never saw.
package struct GANEvaluation: Sendable, Codable {
  /// A figure with its 95 % interval.
  package struct Figure: Sendable, Codable {
    package var value: Double
    package var interval: Interval?

    package init(value: Double, interval: Interval? = nil) {
      self.value = value
      self.interval = interval
    }
  }

  /// In the features of one network.
  package struct Space: Sendable, Codable {
    /// The model and the layer that the features are of, and how many there are.
    package var model: String
    package var modelSHA256: String
    package var layer: String
    package var features: Int
    /// Of generated pictures to unseen real crops; of as many real training crops to them, for comparison.
    package var frechetDistance: Figure
    package var frechetDistanceOfTraining: Figure
    /// Share of generated pictures among real ones, and of real ones among generated ones.
    package var precision: Figure
    package var recall: Figure
  }

  /// Whether pictures repeat crops of the training part.
  package struct Memorisation: Sendable, Codable {
    /// Probability that a generated picture lies nearer to its nearest training crop than an unseen real crop to its own:
    /// ½ where they lie alike, 1 where everything is copied (after Meehan et al. 2020).
    package var nearer: Figure
    /// Medians of the distance to the nearest training crop, the root of the mean square over pixels on the [0, 1] scale.
    package var distance: Double
    package var distanceOfUnseen: Double
  }

  package var model: String
  package var pictures: Int
  package var realCrops: Int
  package var trainingCrops: Int
  /// Nearest neighbours that define the manifolds.
  package var neighbours: Int
  package var truncation: Float?
  package var spaces: [Space]
  package var memorisation: Memorisation
  /// How much pictures differ, over how much unseen real crops do.
  package var diversity: Double
  /// What was noticed in training.
  package var findings: [String]

  package func json() throws -> String { try readableJSON(self) }

  /// For people.
  package var table: String {
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

  package static let heading = ["FEATURES", "FRÉCHET DISTANCE", "OF TRAINING CROPS", "PRECISION", "RECALL"]

  package static func row(_ space: Space) -> [String] {
    ["\(space.model), \(space.layer) (\(space.features))"]
      + [space.frechetDistance, space.frechetDistanceOfTraining, space.precision, space.recall].map(text)
  }

  package static func text(_ figure: Figure) -> String {
    func short(_ value: Double) -> String {
      abs(value) >= 100 ? String(format: "%.1f", value) : String(format: "%.3f", value)
    }
    return short(figure.value) + (figure.interval.map { " (\(short($0.lower)) – \(short($0.upper)))" } ?? "")
  }
}
