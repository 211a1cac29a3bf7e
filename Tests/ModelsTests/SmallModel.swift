import Compute
import Imaging
import Models
import NeuralNet

@testable import Verdicts

/// A detector for 16×16 crops: quick to run, and with every part that a real one has.
enum SmallModel {
  static func make(seed: UInt64 = 3, size: Int = 16) throws -> DetectorModel {
    try DetectorModel(
      name: "small", version: "7", network: network(seed: seed, size: size),
      preprocessing: Preprocessing(mean: [0.4, 0.5, 0.6], standardDeviation: [0.2, 0.25, 0.3]),
      cropSettings: FaceCropSettings(detector: "none", framing: FaceFraming(margin: 0.1), size: size),
      calibration: .init(scale: 1.5, offset: -0.25), thresholds: .init(real: 0.3, fake: 0.8),
      card: ModelCard(
        trainingData: "none", settings: ["seed": "\(seed)"],
        validation: [ModelCard.Figure(name: "AUC", value: 0.5, low: 0.4, high: 0.6)], intendedUse: "tests",
        limits: "knows nothing — \"not even\" this", licence: "MIT"))
  }

  static func network(seed: UInt64, size: Int, logits: Int = 1) -> Network {
    var build = NetworkBuilder(inputShape: [3, size, size], seed: seed)
    build.convolution("conv", channels: 8, kernel: 3)
    build.batchNorm("norm")
    build.relu("relu")
    build.maxPool("pool", 4)
    build.flatten("flat")
    build.linear("logit", features: logits)
    return build.network
  }
}
