import Compute
import Imaging
import Models
import NeuralNet

/// Says of a crop what the network looked at, in as many ways as the network allows. Belongs to one thread at a time.
final class FaceExplainer {
  private let model: DetectorModel
  private let activation: GradCAM?
  private let gradient: InputGradient
  /// Without noisy copies: for films, where neighbouring frames are the copies.
  private let quickGradient: InputGradient
  private let scorer: Executor

  init(_ model: DetectorModel) throws {
    self.model = model
    activation = try GradCAM(model.network)
    gradient = try InputGradient(model.network, model.preprocessing)
    quickGradient = try InputGradient(model.network, model.preprocessing, copies: 0)
    scorer = try Executor(model.network, batch: 1, use: .inference)
  }

  /// What the page says of the maps.
  var explanations: [(name: String, text: String)] {
    let used =
      activation.map {
        "Of \($0.description): where that layer saw what raises the score. Coarse, and blind to what later layers make "
          + "of it."
      }
      ?? "It does not apply to this network, which has no layer with at least \(GradCAM.leastSide)×"
      + "\(GradCAM.leastSide) places that all of its answer goes through: it may count textures over the whole crop."
    return [
      ("Grad-CAM", used),
      (
        "Input gradient",
        "Gradient times input, averaged over noisy copies of the crop: on which pixels the score hangs, in either "
          + "direction. Fine, and noisy."
      ),
    ]
  }

  /// What the network says of a crop.
  func logit(of crop: Frame) throws -> Double { Double(try scorer.infer(input(crop))[0]) }

  /// The maps of a face, each under the name of its explanation.
  func maps(of crop: Frame) throws -> [(name: String, map: HeatMap)] {
    var maps: [(name: String, map: HeatMap)] = []
    if let activation { maps.append(("Grad-CAM", try activation.map(of: input(crop)))) }
    maps.append(("Input gradient", try gradient.map(of: crop)))
    return maps
  }

  /// The map to draw into a film.
  func filmMap(of crop: Frame) throws -> HeatMap {
    if let activation { return try activation.map(of: input(crop)) }
    return try quickGradient.map(of: crop)
  }

  private func input(_ crop: Frame) -> Tensor {
    let (area, mean, deviation) = (crop.width * crop.height, model.preprocessing.mean, model.preprocessing.deviation)
    return Tensor([1, 3, crop.height, crop.width]) { target in
      for channel in 0..<3 {
        for place in 0..<area {
          target[channel * area + place] =
            (Float(crop.pixels[place * 3 + channel]) / 255 - mean[channel]) / deviation[channel]
        }
      }
    }
  }
}
