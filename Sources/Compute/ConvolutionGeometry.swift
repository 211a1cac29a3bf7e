/// The parameters that determine the shapes of a convolution.
public struct ConvolutionGeometry: Hashable, Sendable {
  public var batch: Int
  public var input: PlaneStack
  public var output: PlaneStack
  /// Height and width of the filter.
  public var kernel: Pair
  public var stride: Pair
  /// 1 for an ordinary convolution.
  public var dilation: Pair
  public var padding: Padding
  /// Number of independent convolutions that the channels are split into.
  public var groups: Int

  /// - Precondition: the extents are positive, `groups` divides both channel counts, the output is not empty.
  public init(
    batch: Int, input: PlaneStack, outputChannels: Int, kernel: Pair, stride: Pair = Pair(1), dilation: Pair = Pair(1),
    padding: Padding = Padding(0), groups: Int = 1
  ) {
    precondition(
      input.channels % groups == 0 && outputChannels % groups == 0,
      "\(groups) groups do not divide \(input.channels) and \(outputChannels) channels")
    self.batch = batch
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
    self.groups = groups
    output = PlaneStack(
      channels: outputChannels,
      height: Self.outputExtent(
        input.height, kernel: kernel.height, stride: stride.height, dilation: dilation.height,
        padding: padding.top + padding.bottom),
      width: Self.outputExtent(
        input.width, kernel: kernel.width, stride: stride.width, dilation: dilation.width,
        padding: padding.left + padding.right))
    precondition(output.height > 0 && output.width > 0, "a \(kernel) filter does not fit into \(input) with \(padding)")
  }

  /// Output extent along one axis; below 1 if the kernel does not fit.
  public static func outputExtent(_ extent: Int, kernel: Int, stride: Int, dilation: Int = 1, padding: Int) -> Int {
    let free = extent + padding - (dilation * (kernel - 1) + 1)
    return free < 0 ? 0 : free / stride + 1
  }

  /// `[K, C / groups, R, S]`.
  public var weightShape: Shape {
    Shape([output.channels, input.channels / groups, kernel.height, kernel.width])
  }

  public var inputShape: Shape { input.shape(batch: batch) }
  public var outputShape: Shape { output.shape(batch: batch) }

  /// Whether each channel is convolved separately, with one filter.
  public var isDepthwise: Bool { groups == input.channels && groups == output.channels }

  /// Multiplications per pass over the batch.
  public var multiplications: Int { outputShape.count * weightShape.sample.count }
}

/// The shape of one sample: `channels` planes of equal extent.
public struct PlaneStack: Hashable, Sendable, CustomStringConvertible {
  public var channels: Int
  public var height: Int
  public var width: Int

  public init(channels: Int, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  public var count: Int { channels * height * width }
  public func shape(batch: Int) -> Shape { Shape([batch, channels, height, width]) }
  public var description: String { "[\(channels), \(height), \(width)]" }
}

/// Height and width of a 2-D parameter.
public struct Pair: Hashable, Sendable, Codable, CustomStringConvertible {
  public var height: Int
  public var width: Int

  public init(_ both: Int) { self.init(height: both, width: both) }

  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  public var description: String { "\(height)×\(width)" }
}

/// Zero padding around a plane, in rows and columns.
public struct Padding: Hashable, Sendable, Codable, CustomStringConvertible {
  public var top: Int
  public var left: Int
  public var bottom: Int
  public var right: Int

  public init(_ all: Int) { self.init(top: all, left: all, bottom: all, right: all) }

  public init(top: Int, left: Int, bottom: Int, right: Int) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  public var description: String { "padding (top \(top), left \(left), bottom \(bottom), right \(right))" }
}
