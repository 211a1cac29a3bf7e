public import Compute
public import Imaging

/// An augmentation: a random change of a training crop that also occurs in other footage.
///
/// A value type: its result depends only on the crop, its strength and the generator.
public protocol Augmentation: Sendable {
  /// Name in settings and contact sheets.
  static var name: String { get }
  /// 0…1: 0 leaves every crop as it is, 1 is the strongest change that keeps a face recognisable.
  var strength: Double { get }
  /// Whether it turns a real crop into a fake; such an augmentation is applied to real crops only.
  static var makesFakes: Bool { get }

  init(strength: Double)

  /// - Returns: a frame of the crop's size.
  func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame
}

extension Augmentation {
  public static var makesFakes: Bool { false }
}

extension SeededGenerator {
  /// A uniformly distributed number between the two bounds; the lower one if they are equal.
  mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * Double(uniform())
  }

  /// True with a probability of `fraction`.
  mutating func chance(_ fraction: Double) -> Bool { Double(uniform()) < fraction }

  /// One of the elements; the array must not be empty.
  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int(next().multipliedFullWidth(by: UInt64(elements.count)).high)]
  }
}

/// Horizontal flip, at full strength in half of the crops.
public struct HorizontalFlip: Augmentation {
  public static let name = "flip"
  public let strength: Double

  public init(strength: Double = 1) {
    self.strength = strength
  }

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    generator.chance(strength / 2) ? crop.flippedHorizontally() : crop
  }
}

/// Cutout (DeVries and Taylor 2017): a rectangle of one colour, so that no single region decides; up to 35 % of each side
/// at full strength.
public struct CutOut: Augmentation {
  public static let name = "cut-out"
  public let strength: Double

  public init(strength: Double = 1) {
    self.strength = strength
  }

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    func side(_ length: Int) -> Int { Int(Double(length) * generator.uniform(in: 0.1...0.35) * strength) }
    let (width, height) = (side(crop.width), side(crop.height))
    let left = Int(generator.uniform(in: 0...Double(crop.width - width)))
    let top = Int(generator.uniform(in: 0...Double(crop.height - height)))
    let colour = (0..<3).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 56) }
    var frame = crop
    for y in top..<(top + height) {
      for x in left..<(left + width) {
        for channel in 0..<3 { frame.pixels[(y * crop.width + x) * 3 + channel] = colour[channel] }
      }
    }
    return frame
  }
}

/// A window of another size, position and angle, as from another face detector or the next frame.
///
/// At full strength the window's side is 0.8 to 1.1 of the crop's, its centre within 6 % of the side, and every second
/// window is rotated by up to 8°; edge padding outside the crop.
public struct FramingJitter: Augmentation {
  public static let name = "framing"
  public let strength: Double
  /// The network's view of the crop, around which the windows lie; nil for the whole crop.
  private let view: CropView?

  public init(strength: Double = 1) { self.init(strength: strength, view: nil) }

  /// - Parameter view: the result has its size.
  public init(strength: Double, view: CropView?) {
    self.strength = strength
    self.view = view
  }

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    guard strength > 0 else { return view?.frame(of: crop) ?? crop }
    let frame = view?.window ?? crop.bounds
    let scale = generator.uniform(in: (1 - 0.2 * strength)...(1 + 0.1 * strength))
    let width = frame.width * scale
    let height = frame.height * scale
    let reach = 0.06 * strength
    let centerX = frame.centerX + frame.width * generator.uniform(in: -reach...reach)
    let centerY = frame.centerY + frame.height * generator.uniform(in: -reach...reach)
    let window = Box(x: centerX - width / 2, y: centerY - height / 2, width: width, height: height)
    let radians = generator.chance(0.5) ? generator.uniform(in: -8...8) * strength * .pi / 180 : 0
    if let view {
      let rotated = radians == 0 ? crop : crop.sampled(crop.bounds, radians: radians)
      return rotated.cut(window, size: view.size)
    }
    return radians == 0 ? crop.sampled(window) : crop.sampled(window, radians: radians)
  }
}
