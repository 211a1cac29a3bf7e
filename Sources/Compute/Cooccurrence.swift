import CVectorLoops

/// Shares of pairs of neighbours by their values: co-occurrence matrices with soft bins, differentiable almost everywhere.
///
/// A value between two centres counts for both, the more the nearer it is; a pair counts for four places of a table. For
/// pictures `[H, W, C]` the result is `[C, offsets, cells]`, each table's cells adding up to 1.
public struct Cooccurrence: Sendable {
  private let settings: CooccurrenceSettings
  private let height: Int
  private let width: Int
  private let channels: Int
  private let inverseGaps: [Float]
  /// The cell of each corner of the squares between neighbouring bins, in the order of `pair_counts`.
  private let cells: [Int]
  private let cellCount: Int

  /// - Precondition: the settings are valid, and the picture is larger than their reach.
  public init(_ settings: CooccurrenceSettings, height: Int, width: Int, channels: Int) {
    precondition(settings.isValid, "no bins and pairs: \(settings)")
    precondition(height > settings.reach.height && width > settings.reach.width, "no pairs in \(height)×\(width)")
    self.settings = settings
    self.height = height
    self.width = width
    self.channels = channels
    inverseGaps = zip(settings.centres, settings.centres.dropFirst()).map { 1 / ($1 - $0) }
    let (bins, shared) = (settings.centres.count, settings.cells)
    var cells: [Int] = []
    for first in 0..<(bins - 1) {
      for second in 0..<(bins - 1) {
        let lower = first * bins + second
        for corner in [lower, lower + 1, lower + bins, lower + bins + 1] { cells.append(shared[corner]) }
      }
    }
    self.cells = cells
    cellCount = settings.cellCount
  }

  private var elements: Int { height * width * channels }
  private var cornerCount: Int { channels * cells.count }
  /// Elements of the result.
  public var resultCount: Int { channels * settings.offsets.count * cellCount }
  /// Bytes that `forward` and `backward` work in.
  public var scratchBytes: Int {
    (elements + cornerCount) * MemoryLayout<Float>.stride + elements * MemoryLayout<Int32>.stride
  }

  /// Counts one picture.
  public func forward(x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer) {
    let work = Work(self, scratch)
    place(x, work)
    for (index, offset) in settings.offsets.enumerated() {
      work.squares.update(repeating: 0, count: cornerCount)
      var field = pairs(offset)
      pair_counts(&field, work.lower, work.share, work.squares)
      let share = 1 / Float(field.rows * field.columns)
      for channel in 0..<channels {
        let target = y + (channel * settings.offsets.count + index) * cellCount
        let corners = work.squares + channel * cells.count
        target.update(repeating: 0, count: cellCount)
        for place in cells.indices { target[cells[place]] += corners[place] * share }
      }
    }
  }

  /// The gradient of one picture; 0 where a value lies beyond the outermost centres.
  public func backward(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutableRawPointer
  ) {
    let work = Work(self, scratch)
    place(x, work)
    dx.update(repeating: 0, count: elements)
    for (index, offset) in settings.offsets.enumerated() {
      var field = pairs(offset)
      let share = 1 / Float(field.rows * field.columns)
      for channel in 0..<channels {
        let source = dy + (channel * settings.offsets.count + index) * cellCount
        let corners = work.squares + channel * cells.count
        for place in cells.indices { corners[place] = source[cells[place]] * share }
      }
      pair_counts_gradient(&field, work.lower, work.share, work.squares, dx)
    }
    let (low, high) = (settings.centres[0], settings.centres[settings.centres.count - 1])
    inverseGaps.withUnsafeBufferPointer { gaps in
      for i in 0..<elements { dx[i] *= x[i] > low && x[i] < high ? gaps[Int(work.lower[i])] : 0 }
    }
  }

  /// Parts of the scratch memory.
  private struct Work {
    let lower: UnsafeMutablePointer<Int32>
    let share: UnsafeMutablePointer<Float>
    let squares: UnsafeMutablePointer<Float>

    init(_ kernel: Cooccurrence, _ scratch: UnsafeMutableRawPointer) {
      let floats = scratch.assumingMemoryBound(to: Float.self)
      share = floats
      squares = floats + kernel.elements
      lower = UnsafeMutableRawPointer(floats + kernel.elements + kernel.cornerCount).assumingMemoryBound(to: Int32.self)
    }
  }

  private func place(_ x: UnsafePointer<Float>, _ work: Work) {
    settings.centres.withUnsafeBufferPointer { centres in
      inverseGaps.withUnsafeBufferPointer { gaps in
        var bins = BinCentres(centres: centres.baseAddress, inverse_gaps: gaps.baseAddress, count: centres.count)
        bin_places(&bins, x, work.lower, work.share, elements)
      }
    }
  }

  private func pairs(_ offset: Pair) -> PairField {
    PairField(
      start: max(0, -offset.width) * channels, row_step: width * channels,
      distance: (offset.height * width + offset.width) * channels, rows: height - offset.height,
      columns: width - abs(offset.width), channels: channels, bins: settings.centres.count)
  }
}
