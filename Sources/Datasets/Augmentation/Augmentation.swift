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
