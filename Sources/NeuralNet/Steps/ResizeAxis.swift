/// Where the elements along one axis of a resized picture come from, by the rules of ONNX's Resize.
struct ResizeAxis {
  private let input: Int
  private let output: Int
  private let settings: ResizeSettings
  private let scale: Float

  init(input: Int, output: Int, _ settings: ResizeSettings, isHeight: Bool) {
    self.input = input
    self.output = output
    self.settings = settings
    switch settings.target {
    case .size: scale = Float(output) / Float(input)
    case .scale(let height, let width): scale = isHeight ? height : width
    }
  }

  /// Place in the input, in elements.
  private func place(_ index: Int) -> Float {
    let x = Float(index)
    switch settings.coordinates {
    case .halfPixel: return (x + 0.5) / scale - 0.5
    case .pytorchHalfPixel: return output > 1 ? (x + 0.5) / scale - 0.5 : 0
    case .alignCorners: return output > 1 ? x * Float(input - 1) / Float(output - 1) : 0
    case .asymmetric: return x / scale
    }
  }

  func nearest(_ index: Int) -> Int {
    let place = place(index)
    let rounded =
      switch settings.rounding {
      case .floor: place.rounded(.down)
      case .ceil: place.rounded(.up)
      case .roundPreferFloor: (place - 0.5).rounded(.up)
      case .roundPreferCeil: (place + 0.5).rounded(.down)
      }
    return min(max(Int(rounded), 0), input - 1)
  }

  /// The elements on both sides, and the share of the second one.
  func neighbours(_ index: Int) -> (first: Int, second: Int, share: Float) {
    let place = min(max(place(index), 0), Float(input - 1))
    let first = min(Int(place), input - 1)
    return (first, min(first + 1, input - 1), place - Float(first))
  }
}
