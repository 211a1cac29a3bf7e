import CVectorLoops

/// Where the code of kernels comes from.
public enum KernelSource: Sendable {
  /// From oneDNN, which generates it at run time for each shape: memory must be allowed to become executable.
  case generated
  /// From the program, for inference only: nothing is generated, as the sandbox of decoder processes demands.
  case compiled
}

/// Convolution forward by kernels that are part of the program, on images `[N, H, W, C]`: `y = f(w ∗ x + b)`.
///
/// Depthwise convolutions are computed directly, others by im2col (Chellapilla et al. 2006) and products with panels of
/// 16 filters. A sample's result does not depend on the batch.
struct CompiledConvolution {
  static let implementation = "im2col:panels"

  private enum Kernel {
    case depthwise(DepthwiseForward)
    case panels(PanelForward)
  }

  private let kernel: Kernel
  /// What the kernel's clamping cannot express.
  private let activation: ElementwiseKernels.Function?
  private let outputCount: Int

  init(_ geometry: ConvolutionGeometry, activation: ElementwiseKernels.Function?, addsToOutput: Bool) {
    let bounds = ClampBounds(activation)
    kernel =
      geometry.isDepthwise
      ? .depthwise(DepthwiseForward(geometry, bounds ?? ClampBounds(), addsToOutput: addsToOutput))
      : .panels(PanelForward(geometry, bounds ?? ClampBounds(), addsToOutput: addsToOutput))
    self.activation = bounds == nil ? activation : nil
    outputCount = geometry.outputShape.count
  }

  var scratchBytes: Int {
    switch kernel {
    case .depthwise: 0
    case .panels(let panels): panels.scratchBytes
    }
  }

  /// Loads the filters `[K, C / groups, R, S]` and the bias `[K]` (nil: zeros).
  func load(weight: Tensor, bias: Tensor?) {
    switch kernel {
    case .depthwise(let depthwise): depthwise.load(weight: weight, bias: bias)
    case .panels(let panels): panels.load(weight: weight, bias: bias)
    }
  }

  func run(x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer) {
    switch kernel {
    case .depthwise(let depthwise): depthwise.run(x: x, y: y)
    case .panels(let panels): panels.run(x: x, y: y, scratch: scratch)
    }
    if let activation { ElementwiseKernels.apply(activation, y, into: y, count: outputCount) }
  }
}

/// The interval that a kernel clamps its results to.
private struct ClampBounds {
  var low = -Float.infinity
  var high = Float.infinity

  init() {}

  /// Nil for a function that is no clamping.
  init?(_ function: ElementwiseKernels.Function?) {
    switch function {
    case nil: break
    case .relu: low = 0
    case .clip(let low, let high): (self.low, self.high) = (low, high)
    default: return nil
    }
  }
}

/// A convolution of which each filter sees all channels of its group.
private struct PanelForward {
  private let g: ConvolutionGeometry
  private let windows: WindowGathering
  private let bounds: ClampBounds
  private let addsToOutput: Bool
  /// `[groups, filters / 16, inputs, 16]` and `[groups, filters]`, both filled up to whole panels.
  private let weights: AlignedStorage
  private let bias: AlignedStorage
  /// Filters of a group, filled up to whole panels.
  private let width: Int

  private static let panel = 16
  /// Positions that are computed together where no windows are gathered: their input stays in the cache.
  private static let positions = 1024

  init(_ geometry: ConvolutionGeometry, _ bounds: ClampBounds, addsToOutput: Bool) {
    g = geometry
    windows = WindowGathering(geometry)
    self.bounds = bounds
    self.addsToOutput = addsToOutput
    width = (windows.filters + Self.panel - 1) / Self.panel * Self.panel
    weights = AlignedStorage(repeating: 0, count: g.groups * width * windows.window)
    bias = AlignedStorage(repeating: 0, count: g.groups * width)
  }

  /// Whether the windows are the input itself.
  private var isPointwise: Bool {
    g.kernel == Pair(1) && g.stride == Pair(1) && g.padding == Padding(0) && g.groups == 1
  }

  var scratchBytes: Int { isPointwise ? 0 : windows.scratchBytes }

  func load(weight: Tensor, bias: Tensor?) {
    let filters = windows.filters
    weight.withFloats { source in
      windows.forEachFilterElement { plain, k, input in
        let (group, filter) = k.quotientAndRemainder(dividingBy: filters)
        let (panel, lane) = filter.quotientAndRemainder(dividingBy: Self.panel)
        weights.base[((group * width / Self.panel + panel) * windows.window + input) * Self.panel + lane] =
          source[plain]
      }
    }
    for k in 0..<g.output.channels {
      self.bias.base[k / filters * width + k % filters] = bias?[k] ?? 0
    }
  }

  func run(x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer) {
    var layer = PanelLayer(
      weights: weights.base, bias: bias.base, inputs: windows.window, outputs: windows.filters, x_step: windows.window,
      y_step: g.output.channels, low: bounds.low, high: bounds.high, adds_to_output: addsToOutput ? 1 : 0)
    if isPointwise {
      let pixels = g.batch * g.output.height * g.output.width
      for first in stride(from: 0, to: pixels, by: Self.positions) {
        panel_rows(
          &layer, x + first * g.input.channels, y + first * g.output.channels, min(Self.positions, pixels - first))
      }
      return
    }
    let columns = scratch.assumingMemoryBound(to: Float.self)
    windows.forEachStripe { stripe in
      windows.gather(x + stripe.sample * g.input.count, stripe, into: columns)
      layer.weights = UnsafePointer(weights.base + stripe.group * width * windows.window)
      layer.bias = UnsafePointer(bias.base + stripe.group * width)
      panel_rows(&layer, columns, y + windows.outputStart(stripe), stripe.places)
    }
  }
}

/// A convolution of each channel with its own filter.
private struct DepthwiseForward {
  private let g: ConvolutionGeometry
  private let bounds: ClampBounds
  private let addsToOutput: Bool
  /// `[R, S, C]` and `[C]`.
  private let weights: AlignedStorage
  private let bias: AlignedStorage

  init(_ geometry: ConvolutionGeometry, _ bounds: ClampBounds, addsToOutput: Bool) {
    g = geometry
    self.bounds = bounds
    self.addsToOutput = addsToOutput
    weights = AlignedStorage(repeating: 0, count: g.weightShape.count)
    bias = AlignedStorage(repeating: 0, count: g.output.channels)
  }

  func load(weight: Tensor, bias: Tensor?) {
    let (channels, area) = (g.output.channels, g.kernel.height * g.kernel.width)
    weight.withFloats { source in
      for c in 0..<channels {
        for tap in 0..<area { weights.base[tap * channels + c] = source[c * area + tap] }
      }
    }
    for c in 0..<channels { self.bias.base[c] = bias?[c] ?? 0 }
  }

  func run(x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>) {
    let channels = g.output.channels
    var layer = DepthwiseLayer(
      bias: bias.base, channels: channels, kernel_width: g.kernel.width,
      tap_row_step: g.dilation.height * g.input.width * channels, tap_column_step: g.dilation.width * channels,
      low: bounds.low, high: bounds.high, adds_to_output: addsToOutput ? 1 : 0)
    for sample in 0..<g.batch {
      let source = x + sample * g.input.count
      for row in 0..<g.output.height {
        let top = row * g.stride.height - g.padding.top
        let taps = Self.taps(g.kernel.height, at: top, dilation: g.dilation.height, extent: g.input.height)
        let target = y + sample * g.output.count + row * g.output.width * channels
        var column = 0
        while column < g.output.width {
          let left = column * g.stride.width - g.padding.left
          let across = Self.taps(g.kernel.width, at: left, dilation: g.dilation.width, extent: g.input.width)
          // All pixels from here on whose filter lies within the row.
          var pixels = 1
          if across.count == g.kernel.width {
            let last = g.input.width - 1 - (g.kernel.width - 1) * g.dilation.width
            pixels = min((last - left) / g.stride.width + 1, g.output.width - column)
          }
          let y = top + taps.lowerBound * g.dilation.height
          let start = (y * g.input.width + left + across.lowerBound * g.dilation.width) * channels
          depthwise_pixels(
            &layer, taps.isEmpty || across.isEmpty ? source : source + start,
            weights.base + (taps.lowerBound * g.kernel.width + across.lowerBound) * channels,
            target + column * channels, pixels, g.stride.width * channels, taps.count, across.count)
          column += pixels
        }
      }
    }
  }

  /// The taps of a filter, the first of which is at `start`, that lie within the input.
  private static func taps(_ count: Int, at start: Int, dilation: Int, extent: Int) -> Range<Int> {
    let first = start >= 0 ? 0 : min((-start + dilation - 1) / dilation, count)
    let end = start >= extent ? 0 : min((extent - 1 - start) / dilation + 1, count)
    return first..<max(first, end)
  }
}
