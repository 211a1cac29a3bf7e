import Attacks
import Compute
import Datasets
import Foundation
import Imaging
import Models
import NeuralNet

/// A detector under attack: what its decision is, and how an attack sees it.
struct AttackModel: Sendable {
  let loaded: LoadedModel
  /// The logit from which on a crop counts as fake: where its calibrated score is one half.
  let boundary: Float

  init(_ loaded: LoadedModel) {
    self.loaded = loaded
    let calibration = loaded.detector.calibration
    boundary = Float(-calibration.offset / calibration.scale)
  }

  /// An oracle for the calling thread; its logits count from the boundary.
  ///
  /// - Parameter shift: moves the boundary.
  func oracle(shift: Float = 0) throws -> NetworkOracle {
    let preprocessing = loaded.detector.preprocessing
    return try NetworkOracle(
      loaded.detector.network, mean: preprocessing.mean, deviation: preprocessing.deviation, boundary: boundary + shift)
  }

  /// P(fake) of a logit that counts from the boundary.
  func score(_ logit: Float) -> Double {
    let x = loaded.detector.calibration.scale * Double(logit)
    return 1 / (1 + exp(-x))
  }
}

extension CropSet {
  /// A crop as attacks see it.
  func attackPixels(at index: Int) -> CropPixels {
    let frame = frame(at: index)
    return CropPixels(width: frame.width, height: frame.height, bytes: frame.pixels)
  }

  func trueClass(at index: Int) -> TrueClass { records[index].item.label == .fake ? .fake : .real }
}
