import Attacks
import Compute
import Imaging
import Media
import Scoring

/// A network as an attack on a picture's own pixels sees it: through the crop that is made of them.
///
/// Logits are those of the crop of 8-bit pixels, rounded as a scan rounds it; gradients go through the crop's linear map
/// and back through its transpose.
final class PatchOracle: GradientOracle {
  private let network: NetworkOracle
  private let crop: CropTransform
  /// What the pixels go through before the crop is made, when gradients are asked for; nil for nothing.
  private let codec: RandomCompression?

  init(_ network: NetworkOracle, _ crop: CropTransform, codec: RandomCompression? = nil) {
    self.network = network
    self.crop = crop
    self.codec = codec
  }

  var queries: Int { network.queries }
  var gradients: Int { network.gradients }

  func logit(of x: CropPixels) throws -> Float {
    let picture = crop.crop(Frame(width: x.width, height: x.height, pixels: x.bytes))
    return try network.logit(of: CropPixels(width: crop.size, height: crop.size, bytes: picture.pixels))
  }

  func gradient(at x: CropPixels) throws -> (logit: Float, gradient: [Float]) {
    guard let codec else { return try straightGradient(at: x.values) }
    // The codec has no gradient: what holds for the decoded picture is taken to hold for the one that was coded.
    var (sum, total) = (Float(0), [Float](repeating: 0, count: x.values.count))
    let pictures = try codec.compress(Frame(width: x.width, height: x.height, pixels: x.bytes))
    for picture in pictures {
      let (logit, gradient) = try straightGradient(at: picture.pixels.map { Float($0) / 255 })
      sum += logit
      for i in total.indices { total[i] += gradient[i] }
    }
    let share = 1 / Float(pictures.count)
    return (sum * share, total.map { $0 * share })
  }

  private func straightGradient(at values: [Float]) throws -> (logit: Float, gradient: [Float]) {
    let input = CropPixels(width: crop.size, height: crop.size, values: crop.apply(values))
    let (logit, gradient) = try network.gradient(at: input)
    return (logit, crop.applyTransposed(gradient))
  }
}

/// The real codec at quantisers drawn at random (expectation over transformation, Athalye et al. 2018).
final class RandomCompression {
  /// Compressions whose gradients make one step.
  static let draws = 2

  private let quantisers: ClosedRange<Int>
  private let coders: CoderPool
  private var generator: SeededGenerator

  /// - Parameters:
  ///   - crf: that the video will be coded with; pictures between key frames come out coarser than that.
  ///   - generator: the face's own, so that results do not depend on what was attacked before.
  init(around crf: Int, coders: CoderPool, _ generator: SeededGenerator) {
    quantisers = max(crf - 2, 0)...min(crf + 8, 51)
    self.coders = coders
    self.generator = generator
  }

  /// The picture as it comes back at some quantisers.
  func compress(_ picture: Frame) throws -> [Frame] {
    // Coders are for whole blocks; the borders go on with their last pixels, as a codec continues them.
    let (width, height) = ((picture.width + 15) / 16 * 16, (picture.height + 15) / 16 * 16)
    let padded = picture.pixels(of: Box(x: 0, y: 0, width: Double(width), height: Double(height)))
    return try (0..<Self.draws).map { _ in
      let quantiser = quantisers.lowerBound + generator.index(below: quantisers.count)
      return try coders.compress(padded, quantiser: quantiser).pixels(of: picture.bounds)
    }
  }
}
