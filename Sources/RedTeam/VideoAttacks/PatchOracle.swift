import Attacks
import Compute
import Imaging
import Media
import Scoring

/// A network as seen by an attack on frame pixels: through the crop made from them.
///
/// Logits are those of the crop made from 8-bit pixels, rounded as in a scan; gradients pass through the transpose of
/// the crop's linear map.
final class PatchOracle: GradientOracle {
  private let network: NetworkOracle
  private let crop: CropTransform
  /// Codec applied to the pixels before cropping when gradients are computed, if any.
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
    // The codec is not differentiable: the gradient at the decoded picture serves as the gradient at the input.
    var (sum, total) = (Float(0), [Float](repeating: 0, count: x.values.count))
    let pictures = try codec.compress(Frame(width: x.width, height: x.height, pixels: x.bytes))
    for picture in pictures {
      let (logit, gradient) = try straightGradient(at: picture.pixels.map { Float($0) / 255 })
      sum += logit
      for i in total.indices { total[i] += gradient[i] }
    }
    let fraction = 1 / Float(pictures.count)
    return (sum * fraction, total.map { $0 * fraction })
  }

  private func straightGradient(at values: [Float]) throws -> (logit: Float, gradient: [Float]) {
    let input = CropPixels(width: crop.size, height: crop.size, values: crop.apply(values))
    let (logit, gradient) = try network.gradient(at: input)
    return (logit, crop.applyTransposed(gradient))
  }
}

/// The real codec at randomly drawn quantisers (expectation over transformation, Athalye et al. 2018).
final class RandomCompression {
  /// Compressions averaged per gradient.
  static let draws = 2

  private let quantisers: ClosedRange<Int>
  private let coders: CoderPool
  private var generator: SeededGenerator

  /// - Parameters:
  ///   - crf: CRF of the output video; frames between key frames are quantised more coarsely.
  ///   - generator: the face's own, so that results do not depend on earlier attacks.
  init(around crf: Int, coders: CoderPool, _ generator: SeededGenerator) {
    quantisers = max(crf - 2, 0)...min(crf + 8, 51)
    self.coders = coders
    self.generator = generator
  }

  /// The decoded picture at several random quantisers.
  func compress(_ picture: Frame) throws -> [Frame] {
    // Coders need whole macroblocks; the borders are padded with edge pixels, as in the codec.
    let (width, height) = ((picture.width + 15) / 16 * 16, (picture.height + 15) / 16 * 16)
    let padded = picture.pixels(of: Box(x: 0, y: 0, width: Double(width), height: Double(height)))
    return try (0..<Self.draws).map { _ in
      let quantiser = quantisers.lowerBound + generator.index(below: quantisers.count)
      return try coders.compress(padded, quantiser: quantiser).pixels(of: picture.bounds)
    }
  }
}
