import CVectorLoops

/// Shares of runs of neighbours by their values: co-occurrence tables with soft bins, differentiable almost everywhere.
///
/// A value between two centres counts for both, the more the nearer it is; a run of n counts for 2^n places of a table. For
/// pictures `[H, W, C]` the result is `[C, offsets, cells]`, each table's cells adding up to 1.
public struct Cooccurrence: Sendable {
  private let settings: CooccurrenceSettings
  private let height: Int
  private let width: Int
  private let channels: Int
  private let inverseGaps: [Float]
  /// The cell of each corner of the cubes between neighbouring bins, in the order of `run_counts`.
  private let cells: [Int]
  private let cellCount: Int

  /// - Precondition: the settings are valid, and the picture is larger than their reach.
  public init(_ settings: CooccurrenceSettings, height: Int, width: Int, channels: Int) {
    precondition(settings.isValid, "no bins and runs: \(settings)")
    precondition(height > settings.reach.height && width > settings.reach.width, "no runs in \(height)×\(width)")
    self.settings = settings
    self.height = height
    self.width = width
    self.channels = channels
    inverseGaps = zip(settings.centres, settings.centres.dropFirst()).map { 1 / ($1 - $0) }
    let cells = settings.cornerCells
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
      work.cubes.update(repeating: 0, count: cornerCount)
      var field = runs(offset)
      run_counts(&field, work.lower, work.share, work.cubes)
      let share = 1 / Float(field.rows * field.columns)
      for channel in 0..<channels {
        let target = y + (channel * settings.offsets.count + index) * cellCount
        let corners = work.cubes + channel * cells.count
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
      var field = runs(offset)
      let share = 1 / Float(field.rows * field.columns)
      for channel in 0..<channels {
        let source = dy + (channel * settings.offsets.count + index) * cellCount
        let corners = work.cubes + channel * cells.count
        for place in cells.indices { corners[place] = source[cells[place]] * share }
      }
      run_counts_gradient(&field, work.lower, work.share, work.cubes, dx)
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
    let cubes: UnsafeMutablePointer<Float>

    init(_ kernel: Cooccurrence, _ scratch: UnsafeMutableRawPointer) {
      let floats = scratch.assumingMemoryBound(to: Float.self)
      share = floats
      cubes = floats + kernel.elements
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

  private func runs(_ offset: Pair) -> RunField {
    let steps = settings.length - 1
    return RunField(
      start: max(0, -offset.width * steps) * channels, row_step: width * channels,
      distance: (offset.height * width + offset.width) * channels, length: settings.length,
      rows: height - offset.height * steps, columns: width - abs(offset.width) * steps, channels: channels,
      bins: settings.centres.count)
  }
}
