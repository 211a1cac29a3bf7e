import CVectorLoops

/// Co-occurrence matrices: normalised histograms of runs of neighbouring values, with soft bins. Differentiable a.e.
///
/// A value between two centres is split between both bins by linear interpolation, so a run of n values contributes to
/// 2^n entries. For images `[H, W, C]` the result is `[C, offsets, cells]`; the cells of each matrix sum to 1.
public struct Cooccurrence: Sendable {
  private let settings: CooccurrenceSettings
  private let height: Int
  private let width: Int
  private let channels: Int
  private let inverseGaps: [Float]
  /// The cell of each corner of the cubes between adjacent bins, in the order of `run_counts`.
  private let cells: [Int]
  private let cellCount: Int

  /// - Precondition: the settings are valid, and the image is larger than their reach.
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
  /// Scratch memory of `forward` and `backward`, in bytes.
  public var scratchBytes: Int {
    (elements + cornerCount) * MemoryLayout<Float>.stride + elements * MemoryLayout<Int32>.stride
  }

  /// Computes the matrices of one image.
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

  /// The gradient for one image; 0 for values outside the outermost centres.
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

  /// Layout of the scratch memory.
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

/// The offsets between counted neighbours, and the bins.
public struct CooccurrenceSettings: Hashable, Sendable {
  /// Bin centres, ascending and symmetric around 0, at least two.
  public var centres: [Float]
  /// Offset from each element of a run to the next: rows down (not negative) and columns to the right (negative: left).
  public var offsets: [Pair]
  /// Length of a run, 2…4 elements.
  public var length: Int

  public init(centres: [Float], offsets: [Pair], length: Int = 2) {
    self.centres = centres
    self.offsets = offsets
    self.length = length
  }

  private static let distances = 0..<4096
  /// More entries than this make matrices too sparse for any training set.
  private static let mostPlaces = 65_536

  /// Whether the centres and the offsets are valid.
  public var isValid: Bool {
    centres.count >= 2 && zip(centres, centres.dropFirst()).allSatisfy(<) && !offsets.isEmpty
      && zip(centres, centres.reversed()).allSatisfy { $0 == -$1 }
      && offsets.allSatisfy { Self.distances.contains($0.height) && $0.width.magnitude < Self.distances.count }
      && !offsets.contains(Pair(0)) && (2...4).contains(length) && centres.count <= Self.mostPlaces
      && placeCount <= Self.mostPlaces
  }

  /// Minimum extents of an image, exclusive.
  public var reach: Pair {
    let steps = length - 1
    return Pair(
      height: steps * (offsets.map(\.height).max() ?? 0), width: steps * (offsets.map { abs($0.width) }.max() ?? 0))
  }

  /// Entries of a table `[bins, …, bins]` with as many axes as a run has elements.
  public var placeCount: Int { (0..<length).reduce(1) { count, _ in count * centres.count } }

  /// The cell of each table entry, in row-major order.
  ///
  /// A run, its reversal and both with negated signs are equivalent statistics of a texture: they share a cell
  /// (Fridrich and Kodovský 2012, section II.C).
  public var cells: [Int] {
    let bins = centres.count
    var cells = [Int](repeating: -1, count: placeCount)
    var next = 0
    for place in cells.indices where cells[place] < 0 {
      let run = self.bins(of: place)
      let turned = Array(run.reversed())
      for kin in [run, turned, run.map { bins - 1 - $0 }, turned.map { bins - 1 - $0 }] {
        cells[self.place(of: kin)] = next
      }
      next += 1
    }
    return cells
  }

  /// Number of cells of a table.
  public var cellCount: Int { (cells.max() ?? -1) + 1 }

  /// The cell of each corner of each cube between adjacent bins: `[bins - 1, …, bins - 1, 2^length]`. A corner's index
  /// has one bit per element, the first element's as the most significant.
  var cornerCells: [Int] {
    let (bins, cells) = (centres.count, cells)
    var corners: [Int] = []
    for place in cells.indices {
      let lower = self.bins(of: place)
      guard lower.allSatisfy({ $0 < bins - 1 }) else { continue }
      for corner in 0..<(1 << length) {
        let run = lower.enumerated().map { $1 + (corner >> (length - 1 - $0)) & 1 }
        corners.append(cells[self.place(of: run)])
      }
    }
    return corners
  }

  /// The bin of each element of the runs that a table entry counts.
  private func bins(of place: Int) -> [Int] {
    var (rest, run) = (place, [Int](repeating: 0, count: length))
    for element in run.indices.reversed() {
      run[element] = rest % centres.count
      rest /= centres.count
    }
    return run
  }

  private func place(of run: [Int]) -> Int { run.reduce(0) { $0 * centres.count + $1 } }
}

extension CooccurrenceSettings: Codable {
  private enum CodingKeys: String, CodingKey { case centres, offsets, length }

  /// Files of older versions have no length: they count pairs.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      centres: try values.decode([Float].self, forKey: .centres),
      offsets: try values.decode([Pair].self, forKey: .offsets),
      length: try values.decodeIfPresent(Int.self, forKey: .length) ?? 2)
  }
}
