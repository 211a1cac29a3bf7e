import Compute
import Datasets
import Decoder
import Foundation

/// The crops of one training step, augmented and mixed.
///
/// Mix-up (Zhang et al. 2018): each crop becomes λ times itself plus 1 - λ times its neighbour in the batch, and its
/// label likewise; λ is drawn per crop from Beta(α, α).
struct TrainingBatch: Sendable {
  let labels: [Float]
  let weights: [Float]?
  private let data: TrainingData
  private let crops: [TrainingDraw]
  private let epoch: Int
  /// λ of each crop; nil without mix-up.
  private let fractions: [Float]?

  /// - Parameters:
  ///   - crops: samples of the step.
  ///   - step: step of the run; determines λ together with the seed.
  init(
    _ data: TrainingData, _ crops: [TrainingDraw], epoch: Int, step: Int, _ optimisation: OptimisationOptions,
    seed: UInt64
  ) {
    self.data = data
    self.crops = crops
    self.epoch = epoch
    var generator = SeededGenerator(seed: seed, path: [0x4D49_5855, UInt64(step)])
    let fractions =
      optimisation.mixUp > 0 ? crops.map { _ in generator.beta(optimisation.mixUp) } : nil
    self.fractions = fractions
    let own = crops.map { data.augmentedLabel($0, epoch: epoch) }
    labels = own.indices.map { index in
      guard let fraction = fractions?[index] else { return own[index] }
      return fraction * own[index] + (1 - fraction) * own[(index + 1) % own.count]
    }
    let fakeWeight = optimisation.fakeWeight
    weights = fakeWeight == 1 ? nil : labels.map { 1 + (fakeWeight - 1) * $0 }
  }

  /// Writes a range of the batch's crops, `[count, H, W, C]`.
  ///
  /// - Parameters:
  ///   - blending: selects among draws of self-blended fakes; nil takes the first draw.
  ///   - worker: index of the calling worker.
  func write(
    _ indices: Range<Int>, into input: UnsafeMutableBufferPointer<Float>, blending: AdversarialBlending? = nil,
    worker: Int = 0
  ) throws {
    let values = input.count / indices.count
    var neighbour = [Float](repeating: 0, count: fractions == nil ? 0 : values)
    for (slot, position) in indices.enumerated() {
      let target = UnsafeMutableBufferPointer(rebasing: input[(slot * values)..<((slot + 1) * values)])
      try write(crop: crops[position], into: target, blending, worker)
      guard let fraction = fractions?[position] else { continue }
      try neighbour.withUnsafeMutableBufferPointer { other in
        try write(crop: crops[(position + 1) % crops.count], into: other, blending, worker)
        for index in 0..<values { target[index] = fraction * target[index] + (1 - fraction) * other[index] }
      }
    }
  }

  private func write(
    crop: TrainingDraw, into target: UnsafeMutableBufferPointer<Float>, _ blending: AdversarialBlending?, _ worker: Int
  ) throws {
    guard let blending, data.isSelfBlended(crop, epoch: epoch) else {
      return data.writeAugmented(crop, epoch: epoch, into: target)
    }
    try blending.write(into: target, worker: worker) { draw, input in
      data.writeAugmented(crop, epoch: epoch, variant: draw, into: input)
    }
  }

  /// Crop indices for an error message.
  var description: String {
    crops.prefix(8).map { "\($0.crop)" }.joined(separator: ", ") + (crops.count > 8 ? ", …" : "")
  }
}

extension SeededGenerator {
  /// A sample from Beta(α, α), from two gamma samples.
  fileprivate mutating func beta(_ alpha: Float) -> Float {
    let (a, b) = (gamma(alpha), gamma(alpha))
    return a + b > 0 ? a / (a + b) : 0.5
  }

  /// A sample from Gamma(shape, 1) (Marsaglia and Tsang 2000).
  private mutating func gamma(_ shape: Float) -> Float {
    // Shapes below 1 are boosted via shape + 1, as in the paper.
    if shape < 1 { return gamma(shape + 1) * pow(max(uniform(), .leastNormalMagnitude), 1 / shape) }
    let d = shape - 1 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      guard v > 0 else { continue }
      let u = max(uniform(), .leastNormalMagnitude)
      if log(u) < x * x / 2 + d - d * v + d * log(v) { return d * v }
    }
  }
}
