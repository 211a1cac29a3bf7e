public import Compute

/// An input-transformation defence: transforms crops before the network to disrupt perturbations.
///
/// A defence must be evaluated with adaptive attacks (Athalye, Carlini and Wagner 2018); for them, it provides gradients
/// through the transformation.
public protocol InputDefence: Sendable {
  /// Identifier in commands and manifests, for example `jpeg:75`.
  var name: String { get }
  /// Whether it is random: adaptive attacks average over draws.
  var isRandom: Bool { get }

  /// - Parameter generator: source of its randomness.
  func apply(to x: CropPixels, using generator: inout SeededGenerator) -> DefendedCrop
}

/// A transformed crop.
public struct DefendedCrop {
  public var crop: CropPixels
  /// Maps a gradient with respect to `crop` to one with respect to the original crop: exact where the transformation is
  /// differentiable, otherwise the identity (backward pass differentiable approximation).
  public var pullBack: ([Float]) -> [Float]

  public init(crop: CropPixels, pullBack: @escaping ([Float]) -> [Float] = { $0 }) {
    self.crop = crop
    self.pullBack = pullBack
  }
}

/// Several defences, applied one after the other.
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

/// Bit depth reduction (Xu, Evans and Qi 2018). Gradients pass unchanged.
public struct BitDepth: InputDefence {
  public let bits: Int
  public let isRandom = false

  /// - Precondition: 1 to 8 bits.
  public init(bits: Int) {
    precondition((1...8).contains(bits), "\(bits) bits for a value")
    self.bits = bits
  }

  public var name: String { "bits:\(bits)" }

  public func apply(to x: CropPixels, using generator: inout SeededGenerator) -> DefendedCrop {
    let levels = Float((1 << bits) - 1)
    var crop = x
    for i in crop.values.indices { crop.values[i] = (min(max(crop.values[i], 0), 1) * levels).rounded() / levels }
    return DefendedCrop(crop: crop)
  }
}

/// Gaussian noise on every value, clipped to [0, 1].
public struct GaussianNoise: InputDefence {
  /// Standard deviation in 255ths.
  public let levels: Int
  public let isRandom = true

  /// - Precondition: 1 to 128 levels.
  public init(levels: Int) {
    precondition((1...128).contains(levels), "noise of \(levels) levels")
    self.levels = levels
  }

  public var name: String { "noise:\(levels)" }

  public func apply(to x: CropPixels, using generator: inout SeededGenerator) -> DefendedCrop {
    var crop = x
    var isCut: [Int] = []
    for i in crop.values.indices {
      let value = crop.values[i] + Float(levels) / 255 * generator.normal()
      crop.values[i] = min(max(value, 0), 1)
      if crop.values[i] != value { isCut.append(i) }
    }
    return DefendedCrop(crop: crop) { gradient in
      var back = gradient
      for i in isCut { back[i] = 0 }
      return back
    }
  }
}
