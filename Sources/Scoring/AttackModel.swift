package import Attacks
import Compute
package import Datasets
import Foundation
import Imaging
import Models
import NeuralNet
import Verdicts

/// A classifier under attack: its decision boundary and its oracles.
package struct AttackModel: AttackTarget {
  package let loaded: LoadedModel
  /// Logit at the decision boundary, where the calibrated score is one half.
  package let boundary: Float
  package let defence: (any InputDefence)?
  package let isDefenceKnown: Bool

  /// Seed of all random defences.
  package static let defenceSeed: UInt64 = 1

  package init(_ loaded: LoadedModel, defence: (any InputDefence)? = nil, isDefenceKnown: Bool = true) {
    self.loaded = loaded
    self.defence = defence
    self.isDefenceKnown = isDefenceKnown
    let calibration = loaded.detector.calibration
    boundary = Float(-calibration.offset / calibration.scale)
  }

  package var name: String {
    guard let defence else { return loaded.detector.name }
    return "\(loaded.detector.name) behind \(defence.name), \(isDefenceKnown ? "known" : "unknown") to attacks"
  }

  package var key: String {
    guard let defence else { return loaded.sha256 }
    return "\(loaded.sha256) \(defence.name) \(isDefenceKnown ? "known" : "unknown")"
  }

  package func oracle() throws -> any GradientOracle { try oracle(shift: 0) }
  package func bareOracle() throws -> any GradientOracle { try networkOracle() }

  /// - Parameter shift: offset of the decision boundary.
  package func oracle(shift: Float) throws -> any GradientOracle {
    let network = try networkOracle(shift: shift)
    guard let defence else { return network }
    return DefendedOracle(network, behind: defence, seed: Self.defenceSeed)
  }

  /// Oracle of the network without a defence.
  package func networkOracle(shift: Float = 0) throws -> NetworkOracle {
    let preprocessing = loaded.detector.preprocessing
    return try NetworkOracle(
      loaded.detector.network, mean: preprocessing.mean, standardDeviation: preprocessing.standardDeviation,
      boundary: boundary + shift)
  }

  /// A set's crops at the model's size and framing.
  ///
  /// - Throws: `DatasetsError.view` when the set's crops are too tight or have too few pixels.
  package func view(of set: CropSet) throws(DatasetsError) -> CropSet {
    let settings = loaded.detector.cropSettings
    return try set.viewed(size: settings.size, framing: settings.framing)
  }

  package func truth(of label: Label) -> TrueClass { label == .fake ? .fake : .real }

  package func answer(_ logit: Float) -> String { String(format: "score %.3f", score(logit)) }

  /// P(fake) for a logit relative to the decision boundary.
  package func score(_ logit: Float) -> Double {
    let x = loaded.detector.calibration.scale * Double(logit)
    return 1 / (1 + exp(-x))
  }
}

extension CropSet {
  /// A crop in the format of attacks.
  package func attackPixels(at index: Int) -> CropPixels {
    let frame = frame(at: index)
    return CropPixels(width: frame.width, height: frame.height, bytes: frame.pixels)
  }

  package func trueClass(at index: Int) -> TrueClass { records[index].item.label == .fake ? .fake : .real }
}
