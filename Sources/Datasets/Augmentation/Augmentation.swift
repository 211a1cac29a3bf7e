public import Compute
public import Imaging

/// A random change of a training crop that footage from elsewhere may also have gone through.
///
/// A value: what it does depends on the crop, its strength and the generator alone.
public protocol Augmentation: Sendable {
  /// As settings and contact sheets call it.
  static var name: String { get }
  /// 0…1: 0 leaves every crop as it is, 1 is the strongest change that keeps a face recognisable.
  var strength: Double { get }
  /// Whether a real crop is a fake one afterwards; such an augmentation is used on real crops only.
  static var makesFakes: Bool { get }

  init(strength: Double)

  /// - Returns: a frame of the crop's size.
  func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame
}

extension Augmentation {
  public static var makesFakes: Bool { false }
}

extension SeededGenerator {
  /// A number between the two, evenly spread; the lower one where both are equal.
  mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * Double(uniform())
  }

  /// True with a probability of `share`.
  mutating func chance(_ share: Double) -> Bool { Double(uniform()) < share }

  /// One of the elements; the array must not be empty.
  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int(next().multipliedFullWidth(by: UInt64(elements.count)).high)]
  }
}

/// Left and right exchanged, at full strength in half of the crops.
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

/// A rectangle of one colour over the crop, so that no single place decides (DeVries and Taylor 2017): up to 35 % of
/// each side at full strength.
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

/// A window of another size, place and angle, as another face detector or the next frame would have cut it.
///
/// At full strength the window's side is 0.8 to 1.1 of the crop's, its centre within 6 % of the side, and every second
/// window is turned by up to 8°; what lies beyond the crop is its nearest edge pixel.
public struct FramingJitter: Augmentation {
  public static let name = "framing"
  public let strength: Double
  /// What the network sees of the crop, around which the windows lie; nil: all of it.
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
      let turned = radians == 0 ? crop : crop.sampled(crop.bounds, radians: radians)
      return turned.cut(window, size: view.size)
    }
    return radians == 0 ? crop.sampled(window) : crop.sampled(window, radians: radians)
  }
}
