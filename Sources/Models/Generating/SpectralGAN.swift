import Compute
public import NeuralNet

/// A generator of upsampling and 3×3 convolutions with batch norm, against a discriminator whose weights are divided by
/// their largest singular value: the standard networks of Miyato et al. 2018 (table 3), with upsampling instead of
/// transposed convolutions, which leave checkerboards (Odena et al. 2016).
public struct SpectralGAN: AdversarialDesign {
  public var size = 64
  public var latent = 128
  /// Channels of the discriminator's first layer; it has up to eight times, the generator up to four times as many.
  public var width = 32

  public let normalisesSpectrum = true
  public let loss = AdversarialLoss.hinge
  public let betas: (first: Float, second: Float) = (0, 0.9)
  /// Two rates (Heusel et al. 2017).
  public let rates: (generator: Float, discriminator: Float) = (2e-4, 4e-4)

  public init() {}

  public func generator(seed: UInt64) -> Network {
    var build = NetworkBuilder(inputShape: [latent], seed: seed)
    var random = SeededGenerator(seed: seed, path: [0x5350_4741])
    /// Batch norm takes the length out of weights: the shorter they are, the farther a step turns them. With weights after
    /// He et al. 2015 the generator kept the shapes that it was born with for a thousand steps.
    func weights(_ shape: Shape) -> Tensor { .normal(shape, deviation: 0.02, using: &random) }
    let same = ConvolutionSettings(padding: Padding(1))
    let first = channels(afterDoublings: 0)
    build.append("project", .linear, ["weight": weights([first * 16, latent])])
    build.append("grid", .reshape([0, first, 4, 4]))
    build.batchNorm("norm0")
    build.relu("relu0")
    let twice = ResizeSettings(
      .scale(height: 2, width: 2), method: .nearest, coordinates: .asymmetric, rounding: .floor)
    for layer in 1...doublings {
      build.append("up\(layer)", .resize(twice))
      build.append(
        "conv\(layer)", .convolution(same),
        ["weight": weights([channels(afterDoublings: layer), build.currentShape[0], 3, 3])])
      build.batchNorm("norm\(layer)")
      build.relu("relu\(layer)")
    }
    build.append(
      "colour", .convolution(same), ["weight": weights([3, build.currentShape[0], 3, 3]), "bias": Tensor([3])])
    build.activation("picture", .tanh)
    return build.network
  }

  /// Four times the width up to 8 pixels, then half as many with each doubling, down to half the width.
  private func channels(afterDoublings layer: Int) -> Int {
    let fromEnd = doublings - layer
    return max(min(width / 2 << fromEnd, 4 * width), 1)
  }

  public func discriminator(seed: UInt64) -> Network {
    var build = NetworkBuilder(inputShape: [3, size, size], seed: seed)
    for layer in 1...doublings {
      build.convolution(
        "down\(layer)", channels: min(width << (layer - 1), 8 * width), kernel: 4, stride: 2, padding: 1, bias: true)
      build.activation("leaky\(layer)", .leakyRelu(slope: 0.1))
    }
    build.convolution("mix", channels: build.currentShape[0], kernel: 3, bias: true)
    build.activation("leaky", .leakyRelu(slope: 0.1))
    build.flatten("flat")
    build.linear("logit", features: 1)
    return build.network
  }
}
