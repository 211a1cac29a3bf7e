public import NeuralNet

/// A generator and the discriminator that goes with it: a recipe from which networks with random weights are made.
///
/// Generators turn `[latent]` into `[3, size, size]` pictures in -1…1, discriminators turn those into one logit,
/// positive for real.
public protocol AdversarialDesign: Sendable {
  /// Side of the pictures: a power of two.
  var size: Int { get set }
  /// Numbers that a picture is made of.
  var latent: Int { get set }
  /// How many channels the layers have; twice as many cost about four times as much.
  var width: Int { get set }
  /// Whether the discriminator's weights are to be divided by their largest singular value.
  var normalisesSpectrum: Bool { get }
  /// What the two are trained with where the user does not say.
  var loss: AdversarialLoss { get }
  /// Shares of Adam's running means that a step keeps, and the learning rates of generator and discriminator.
  var betas: (first: Float, second: Float) { get }
  var rates: (generator: Float, discriminator: Float) { get }

  func generator(seed: UInt64) -> Network
  func discriminator(seed: UInt64) -> Network
}

extension AdversarialDesign {
  /// How often the side doubles between 4 pixels and the whole picture.
  ///
  /// - Precondition: `size` is in `AdversarialCatalog.sizes`.
  var doublings: Int {
    precondition(AdversarialCatalog.sizes.contains(size), "no pictures of \(size) pixels")
    return size.trailingZeroBitCount - 2
  }
}

/// Every pair of generator and discriminator that a user can name.
public enum AdversarialCatalog {
  public struct Entry: Sendable {
    public let name: String
    /// One line: what it is, and whose.
    public let summary: String
    public let design: any AdversarialDesign
  }

  /// The first one is the default: both show faces after some thousand steps, and its steps cost half as much.
  public static let all = [
    Entry(
      name: "dcgan", summary: "transposed convolutions and batch norm, cross-entropy (Radford et al. 2015)",
      design: DCGAN()),
    Entry(
      name: "spectral",
      summary: "dcgan's generator against a spectrally normalised discriminator, hinge loss "
        + "(Miyato et al. 2018)", design: SpectralGAN()),
  ]

  /// Sides of pictures; below 64 for trials.
  public static let sizes = [16, 32, 64, 128]

  public static subscript(name: String) -> Entry? { all.first { $0.name == name } }
}
