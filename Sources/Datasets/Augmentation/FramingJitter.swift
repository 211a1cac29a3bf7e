public import Compute
public import Imaging

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
