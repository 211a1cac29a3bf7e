public import NeuralNet

/// A generator and its discriminator: a recipe for networks with random weights.
///
/// Generators map `[latent]` to `[3, size, size]` pictures in -1…1, discriminators map those to one logit, positive for
/// real.
public protocol AdversarialDesign: Sendable {
  /// Side of the pictures in pixels: a power of two.
  var size: Int { get set }
  /// Length of the latent vector.
  var latent: Int { get set }
  /// Base number of channels; doubling it costs about four times as much.
  var width: Int { get set }
  /// Whether the discriminator's weights are spectrally normalised.
  var normalisesSpectrum: Bool { get }
  /// Default training loss.
  var loss: AdversarialLoss { get }
  /// Adam's β₁ and β₂, and the learning rates of generator and discriminator.
  var betas: (first: Float, second: Float) { get }
  var rates: (generator: Float, discriminator: Float) { get }

  func generator(seed: UInt64) -> Network
  func discriminator(seed: UInt64) -> Network
}

extension AdversarialDesign {
  /// Number of doublings of the side from 4 pixels to the whole picture.
  ///
  /// - Precondition: `size` is in `AdversarialCatalog.sizes`.
  var doublings: Int {
    precondition(AdversarialCatalog.sizes.contains(size), "no pictures of \(size) pixels")
    return size.trailingZeroBitCount - 2
  }
}

/// All pairs of generator and discriminator that a user can select.
public enum AdversarialCatalog {
  public struct Entry: Sendable {
    public let name: String
    /// One-line description with the authors.
    public let summary: String
    public let design: any AdversarialDesign
  }

  /// The first one is the default: both produce faces after some thousand steps, and its steps cost half as much.
  public static let all = [
    Entry(
      name: "dcgan", summary: "transposed convolutions and batch norm, cross-entropy (Radford et al. 2015)",
      design: DCGAN()),
    Entry(
      name: "spectral",
      summary: "dcgan's generator against a spectrally normalised discriminator, hinge loss "
        + "(Miyato et al. 2018)", design: SpectralGAN()),
  ]

  /// Sides of pictures; those below 64 are for trials.
  public static let sizes = [16, 32, 64, 128]

  public static subscript(name: String) -> Entry? { all.first { $0.name == name } }
}
