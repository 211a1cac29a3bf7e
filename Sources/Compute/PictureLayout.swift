/// Memory order of images in an executor.
public enum PictureLayout: Hashable, Sendable {
  /// `[N, H, W, C]`: the order of inputs and outputs, supported by all operators.
  case channelsLast
  /// `[N, C / 16, H, W, 16]`: the order of Winograd kernels (16 floats are one AVX-512 register).
  case blocks

  /// Channels per block.
  static let blockWidth = 16

  /// Whether the images fit blocks without padding.
  public static func canBlock(_ shape: Shape) -> Bool {
    shape.rank == 4 && shape[1] > 0 && shape[1] % blockWidth == 0
  }

  /// The images as consecutive matrices `[rows, columns]`; rows are pixels, columns are channels.
  ///
  /// - Parameter shape: `[N, C, H, W]`.
  public func matrices(_ shape: Shape) -> ChannelMatrices {
    let area = shape[2] * shape[3]
    return switch self {
    case .channelsLast: ChannelMatrices(samples: shape[0], perSample: 1, rows: area, columns: shape[1])
    case .blocks:
      ChannelMatrices(
        samples: shape[0], perSample: shape[1] / Self.blockWidth, rows: area, columns: Self.blockWidth)
    }
  }
}

/// Consecutive matrices, several per sample; matrix `i` holds the channels from `firstChannel(i)` on.
public struct ChannelMatrices: Sendable {
  public let count: Int
  public let rows: Int
  public let columns: Int
  private let perSample: Int

  init(samples: Int, perSample: Int, rows: Int, columns: Int) {
    count = samples * perSample
    self.rows = rows
    self.columns = columns
    self.perSample = perSample
  }

  /// Whether the matrix belongs to the first sample of the batch.
  public func isFirstSample(_ index: Int) -> Bool { index < perSample }

  public func firstChannel(_ index: Int) -> Int { index % perSample * columns }

  /// Offset of a matrix in floats.
  public func start(_ index: Int) -> Int { index * rows * columns }
}

/// Offsets of the groups of eight channels.
struct LanePlaces {
  /// Groups of eight channels.
  let groups: Int
  /// Floats from a pixel to the next one of the same sample.
  let pixelStride: Int
  /// Floats from a sample to the next one.
  let sampleStride: Int
  private let area: Int
  private let layout: PictureLayout

  /// - Parameter shape: `[N, C, H, W]`, C a multiple of 8, in blocks of 16.
  init(_ shape: Shape, _ layout: PictureLayout) {
    precondition(shape[1] % (layout == .blocks ? PictureLayout.blockWidth : 8) == 0, "\(shape) is not in \(layout)")
    groups = shape[1] / 8
    area = shape[2] * shape[3]
    sampleStride = shape[1] * area
    pixelStride = layout == .blocks ? PictureLayout.blockWidth : shape[1]
    self.layout = layout
  }

  /// Floats from the start of a sample to the group in its first pixel.
  func offset(group: Int) -> Int {
    switch layout {
    case .channelsLast: 8 * group
    case .blocks: group / 2 * (PictureLayout.blockWidth * area) + 8 * (group % 2)
    }
  }
}

/// Moves pictures between `[N, C, H, W]`, the order of tensors, and `[N, H, W, C]`, the order of executors.
public enum ChannelOrder {
  /// `[N, C, H, W]` to `[N, H, W, C]`.
  public static func toChannelsLast(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, batch: Int, channels: Int, area: Int
  ) {
    for n in 0..<batch {
      transpose(x + n * channels * area, into: y + n * channels * area, rows: channels, columns: area)
    }
  }

  /// `[N, H, W, C]` to `[N, C, H, W]`.
  public static func toChannelsFirst(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, batch: Int, channels: Int, area: Int
  ) {
    for n in 0..<batch {
      transpose(x + n * channels * area, into: y + n * channels * area, rows: area, columns: channels)
    }
  }

  /// `y[c, r] = x[r, c]`, in tiles that stay in the cache.
  public static func transpose(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    let tile = 32
    for top in stride(from: 0, to: rows, by: tile) {
      for left in stride(from: 0, to: columns, by: tile) {
        for r in top..<min(top + tile, rows) {
          for c in left..<min(left + tile, columns) { y[c * rows + r] = x[r * columns + c] }
        }
      }
    }
  }
}
