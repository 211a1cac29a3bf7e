public import Compute

/// A change of a crop in front of a detector that is meant to spoil perturbations.
///
/// What it claims is only worth what it withstands of attacks that know it (Athalye, Carlini and Wagner 2018): for them
/// each defence brings a way back for gradients.
public protocol InputDefence: Sendable {
  /// As commands and manifests write it, for example `jpeg:75`.
  var name: String { get }
  /// Whether it draws at random: an attack that knows it takes the mean over draws.
  var isRandom: Bool { get }

  /// - Parameter generator: what is random in it.
  func apply(to x: CropPixels, using generator: inout SeededGenerator) -> DefendedCrop
}

/// A crop as the detector gets it.
public struct DefendedCrop {
  public var crop: CropPixels
  /// From a gradient with respect to `crop` to one with respect to the crop that was given: the true one where there is
  /// one, else the gradient as it is, as if nothing had been done (backward pass differentiable approximation).
  public var pullBack: ([Float]) -> [Float]

  public init(crop: CropPixels, pullBack: @escaping ([Float]) -> [Float] = { $0 }) {
    self.crop = crop
    self.pullBack = pullBack
  }
}

/// Several defences, one behind the other.
public struct DefenceChain: InputDefence {
  private let members: [any InputDefence]

  public init(_ members: [any InputDefence]) { self.members = members }

  public var name: String { members.map(\.name).joined(separator: "+") }
  public var isRandom: Bool { members.contains(where: \.isRandom) }

  public func apply(to x: CropPixels, using generator: inout SeededGenerator) -> DefendedCrop {
    var result = DefendedCrop(crop: x)
    for member in members {
      let (next, before) = (member.apply(to: result.crop, using: &generator), result.pullBack)
      result = DefendedCrop(crop: next.crop) { before(next.pullBack($0)) }
    }
    return result
  }
}
