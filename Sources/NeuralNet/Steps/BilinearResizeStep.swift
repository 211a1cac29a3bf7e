import Compute

/// Bilinear resize: each output element is interpolated from four input elements.
final class BilinearResizeStep: Step {
  let needs = StepNeeds()
  private let input: Shape
  private let output: Shape
  private let rows: [(first: Int, second: Int, fraction: Float)]
  private let columns: [(first: Int, second: Int, fraction: Float)]

  init(_ settings: ResizeSettings, input x: Shape, output y: Shape) {
    input = x
    output = y
    let vertical = ResizeAxis(input: x[2], output: y[2], settings, isHeight: true)
    let horizontal = ResizeAxis(input: x[3], output: y[3], settings, isHeight: false)
    rows = (0..<y[2]).map(vertical.neighbours)
    columns = (0..<y[3]).map(horizontal.neighbours)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    let channels = input[1]
    let (inner, outer) = (input[3] * channels, output[3] * channels)
    // Interpolates vertically first: that is most of the work, in long vectors.
    withUnsafeTemporaryAllocation(of: Float.self, capacity: inner) { mixed in
      for picture in 0..<input[0] {
        for (row, (top, bottom, down)) in rows.enumerated() {
          let upper = memory.inputs[0] + (picture * input[2] + top) * inner
          let lower = memory.inputs[0] + (picture * input[2] + bottom) * inner
          for i in 0..<inner { mixed[i] = (1 - down) * upper[i] + down * lower[i] }
          var y = memory.output + (picture * output[2] + row) * outer
          for (left, right, across) in columns {
            for c in 0..<channels {
              y[c] = (1 - across) * mixed[left * channels + c] + across * mixed[right * channels + c]
            }
            y += channels
          }
        }
      }
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    dx.update(repeating: 0, count: input.count)
    let channels = input[1]
    let (inner, outer) = (input[3] * channels, output[3] * channels)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: inner) { mixed in
      for picture in 0..<input[0] {
        for (row, (top, bottom, down)) in rows.enumerated() {
          mixed.initialize(repeating: 0)
          var slope = dy + (picture * output[2] + row) * outer
          for (left, right, across) in columns {
            for c in 0..<channels {
              mixed[left * channels + c] += (1 - across) * slope[c]
              mixed[right * channels + c] += across * slope[c]
            }
            slope += channels
          }
          let upper = dx + (picture * input[2] + top) * inner
          let lower = dx + (picture * input[2] + bottom) * inner
          // Sequential, because at an edge both are the same row.
          for i in 0..<inner { upper[i] += (1 - down) * mixed[i] }
          for i in 0..<inner { lower[i] += down * mixed[i] }
        }
      }
    }
  }
}

/// Source positions of the elements along one axis of a resized image, by the rules of ONNX's Resize.
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

  /// Position in the input, in elements.
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

  /// The adjacent elements, and the weight of the second one.
  func neighbours(_ index: Int) -> (first: Int, second: Int, fraction: Float) {
    let place = min(max(place(index), 0), Float(input - 1))
    let first = min(Int(place), input - 1)
    return (first, min(first + 1, input - 1), place - Float(first))
  }
}
