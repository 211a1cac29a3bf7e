import Compute
public import NeuralNet

/// The generator of `DCGAN` against a discriminator whose weights are divided by their largest singular value, with hinge
/// loss: the standard networks of Miyato et al. 2018 (table 3).
///
/// Upsampling with 3×3 convolutions, which avoids checkerboard artefacts (Odena et al. 2016), gives worse pictures at
/// equal training: after 4 000 steps they show blocks instead of faces.
public struct SpectralGAN: AdversarialDesign {
  public var size = 64
  public var latent = 128
  /// Channels of the layer next to the picture; doubles with each further layer, in the discriminator up to eight times.
  public var width = 32

  public let normalisesSpectrum = true
  public let loss = AdversarialLoss.hinge
  public let betas: (first: Float, second: Float) = (0.5, 0.999)
  public let rates: (generator: Float, discriminator: Float) = (2e-4, 2e-4)

  public init() {}

  public func generator(seed: UInt64) -> Network {
    var design = DCGAN()
    (design.size, design.latent, design.width) = (size, latent, width)
    return design.generator(seed: seed)
  }

  public func discriminator(seed: UInt64) -> Network {
    var build = NetworkBuilder(inputShape: [3, size, size], seed: seed)
    for layer in 1...doublings {
      build.convolution(
        "down\(layer)", channels: min(width << (layer - 1), 8 * width), kernel: 4, stride: 2, padding: Padding(1),
        bias: true)
      build.activation("leaky\(layer)", .leakyRelu(slope: 0.1))
    }
    build.convolution("mix", channels: build.currentShape[0], kernel: 3, bias: true)
    build.activation("leaky", .leakyRelu(slope: 0.1))
    build.flatten("flat")
    build.linear("logit", features: 1)
    return build.network
  }
}
