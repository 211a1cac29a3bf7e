import Attacks
import Compute
import Imaging
import Models
import NeuralNet
import Scoring
import Verdicts

/// Explains the network's output for a crop with all heat maps that the network supports. Used by one thread at a time.
final class FaceExplainer {
  /// With the defence of the scan, if any.
  private let model: AttackModel
  private let activation: GradCAM?
  private let gradient: InputGradient
  /// Without noisy copies: in clips, neighbouring frames serve as copies.
  private let quickGradient: InputGradient
  private var scorer: FaceScorer

  init(_ model: AttackModel) throws {
    let detector = model.loaded.detector
    self.model = model
    activation = try GradCAM(detector.network)
    gradient = try InputGradient(detector.network, detector.preprocessing)
    quickGradient = try InputGradient(detector.network, detector.preprocessing, copies: 0)
    scorer = try FaceScorer(model, judge: Judge(detector), batch: 1)
  }

  /// Descriptions of the maps for the page.
  var explanations: [(name: String, text: String)] {
    let used =
      activation.map {
        "Of \($0.description): regions that increase the score at that layer. Coarse, and independent of later layers "
          + "of it."
      }
      ?? "It does not apply to this network, which has no layer with at least \(GradCAM.leastSide)×"
      + "\(GradCAM.leastSide) positions per side through which all paths lead: it may use texture statistics of the whole crop."
    let rest =
      activation?.isPartial == true ? " Contributions of the ensemble's other networks are not included." : ""
    let index =
      model.defence.map { " Drawn over the face after the defence \($0.name), as input to the network." } ?? ""
    return [
      ("Grad-CAM", used + rest + index),
      (
        "Input gradient",
        "Gradient times input, averaged over noisy copies of the crop: pixels that influence the score in either "
          + "direction. Fine, and noisy." + index
      ),
    ]
  }

  /// The network's logit of a crop.
  func logit(of crop: Frame) throws -> Double { Double(try scorer.logits(of: [crop.pixels])[0]) }

  /// The crop as input to the network, after the defence and rounded to bytes; the maps refer to it.
  func seen(_ crop: Frame) -> Frame {
    model.defence == nil ? crop : Frame(width: crop.width, height: crop.height, pixels: defended(crop).bytes)
  }

  /// The heat maps of a face, each with the name of its method.
  func maps(of crop: Frame) throws -> [(name: String, map: HeatMap)] {
    var maps: [(name: String, map: HeatMap)] = []
    if let activation { maps.append(("Grad-CAM", try activation.map(of: input(crop)))) }
    maps.append(("Input gradient", try gradient.map(of: seen(crop))))
    return maps
  }

  /// The heat map to draw into a clip.
  func clipMap(of crop: Frame) throws -> HeatMap {
    if let activation { return try activation.map(of: input(crop)) }
    return try quickGradient.map(of: seen(crop))
  }

  private func defended(_ crop: Frame) -> CropPixels {
    model.defended(CropPixels(width: crop.width, height: crop.height, bytes: crop.pixels))
  }

  private func input(_ crop: Frame) -> Tensor {
    let values = defended(crop).values
    let preprocessing = model.loaded.detector.preprocessing
    let (area, mean, standardDeviation) = (
      crop.width * crop.height, preprocessing.mean, preprocessing.standardDeviation
    )
    return Tensor([1, 3, crop.height, crop.width]) { target in
      for channel in 0..<3 {
        for index in 0..<area {
          target[channel * area + index] = (values[index * 3 + channel] - mean[channel]) / standardDeviation[channel]
        }
      }
    }
  }
}
