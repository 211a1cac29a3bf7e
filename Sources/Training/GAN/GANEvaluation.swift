package import Files
import Foundation
package import Metrics
import Runs

/// Quality of a generator's pictures, compared with held-out real crops.
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

  /// Metrics in the feature space of one network.
  package struct Space: Sendable, Codable {
    /// The model, its feature layer and the number of features.
    package var model: String
    package var modelSHA256: String
    package var layer: String
    package var features: Int
    /// Distance from generated pictures to held-out real crops, and for comparison from as many training crops to them.
    package var frechetDistance: Figure
    package var frechetDistanceOfTraining: Figure
    /// Fraction of generated pictures inside the real manifold, and of real crops inside the generated one.
    package var precision: Figure
    package var recall: Figure
  }

  /// Whether generated pictures copy training crops.
  package struct Memorisation: Sendable, Codable {
    /// Probability that a generated picture is nearer to its nearest training crop than a held-out real crop is to its
    /// own: ½ if both are equally near, 1 if everything is copied (after Meehan et al. 2020).
    package var nearer: Figure
    /// Median distances to the nearest training crop, as RMS over pixels on the [0, 1] scale.
    package var distance: Double
    package var distanceOfUnseen: Double
  }

  package var model: String
  package var pictures: Int
  package var realCrops: Int
  /// Sources of the held-out real crops.
  package var realSources: Int
  package var trainingCrops: Int
  /// Number of nearest neighbours that define the manifolds.
  package var neighbours: Int
  package var truncation: Float?
  package var spaces: [Space]
  package var memorisation: Memorisation
  /// Diversity of generated pictures divided by that of held-out real crops.
  package var diversity: Double
  /// Problems noticed during training.
  package var findings: [String]

  package func json() throws -> String { try readableJSON(self) }

  /// The result as text.
  package var table: String {
    var text = "\(model): \(counted(pictures, "pictures")) beside \(counted(realCrops, "held-out real crops"))"
    text += " of \(counted(realSources, "sources"))\n"
    if let shortage = Interval.shortage(of: realSources) { text += "\(shortage)\n" }
    text += "\n"
    text += alignedTable(heading: Self.spaceTable.heading, rows: Self.spaceTable.cells(of: spaces))
    text +=
      "\nprobability of being nearer to a training crop than a held-out crop is: \(Self.text(memorisation.nearer)) "
    text += "(0.5: no memorisation, 1: only copies)\n"
    text += String(
      format: "median distance to the nearest training crop: %.4f, of held-out real crops %.4f\n",
      memorisation.distance,
      memorisation.distanceOfUnseen)
    text += String(format: "diversity relative to real crops: %.2f\n", diversity)
    for finding in findings { text += "warning: \(finding)\n" }
    return text
  }

  package static let spaceTable = Table<Space>([
    .text("FEATURES") { "\($0.model), \($0.layer) (\($0.features))" },
    .text("FRÉCHET DISTANCE") { text($0.frechetDistance) },
    .text("OF TRAINING CROPS") { text($0.frechetDistanceOfTraining) },
    .text("PRECISION") { text($0.precision) },
    .text("RECALL") { text($0.recall) },
  ])

  package static func text(_ figure: Figure) -> String {
    func short(_ value: Double) -> String {
      abs(value) >= 100 ? String(format: "%.1f", value) : String(format: "%.3f", value)
    }
    return short(figure.value) + (figure.interval.map { " (\(short($0.lower)) – \(short($0.upper)))" } ?? "")
  }
}
