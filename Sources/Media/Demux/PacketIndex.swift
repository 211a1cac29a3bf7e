import CFFmpeg

/// What one pass over the packets, without decoding, tells about a video.
struct PacketIndex {
  struct Entry {
    /// When the frame is shown, in ticks of the stream; jumps of a broadcast's clock have been evened out.
    var time: Int64
    var traits: PacketTraits
  }

  /// In decoding order: an entry's position is what the decoder gets as the packet's timestamp, so that frames are
  /// told apart whatever the container says.
  private(set) var entries: [Entry] = []
  private(set) var isEncrypted = false
  /// Whether the data ends in the middle of a packet, or the rest cannot be read.
  private(set) var endsDamaged = false
  /// Damaged packets and places.
  private(set) var damages = 0
  /// Whether traits tell which pictures others refer to; if not, times and the decoder have to.
  private(set) var knowsReferences = false
  /// Most frames that are decoded before, but shown after, another one.
  private(set) var reorderDepth = 0
  /// Ticks that the last frame is shown.
  private(set) var lastDuration: Int64 = 0
  /// Positions of the packets that decoding may start at.
  private(set) var entryPoints: [Int] = []

  /// How pictures are turned by their own word; nil when none says so.
  private(set) var turns: DeclaredTurns?

  /// Reads all packets of a file, twice when they have no timestamps.
  ///
  /// - Parameter descriptor: that `demuxer` reads.
  init(_ demuxer: inout Demuxer, descriptor: CInt, limits: DecodeLimits) throws(MediaError) {
    var scan = PacketScan(demuxer.stream.pointee.codecpar.pointee)
    try scan.run(&demuxer, limits)
    let hasTimes = scan.records.contains { $0.pts != nil || $0.dts != nil }
    let clock = FrameClock(
      secondsPerTick: demuxer.secondsPerTick,
      framesPerSecond: hasTimes ? demuxer.framesPerSecond : demuxer.nominalFramesPerSecond)
    if demuxer.hasJumpingClock { clock.evenOut(&scan.records, wraps: demuxer.hasWrappingClock) }
    var times = scan.records.compactMap(\.pts)
    if times.count < scan.records.count {
      let order = try PresentationOrder(scan.records, of: demuxer, descriptor: descriptor, limits: limits)
      times = clock.times(of: scan.records, in: order)
    } else if let order = try PresentationOrder(
      contradicting: scan.records, of: demuxer, descriptor: descriptor, limits: limits)
    {
      times = clock.reordered(scan.records, by: order)
    }
    self.init(
      entries: zip(scan.records, times).map { Entry(time: $1, traits: $0.traits) },
      knowsReferences: scan.knowsReferences)
    turns = DeclaredTurns(scan.orientations, entries)
    isEncrypted = scan.isEncrypted
    endsDamaged = scan.endsDamaged
    damages = scan.damages
    lastDuration = scan.lastDuration > 0 ? scan.lastDuration : clock.ticksPerFrame
    // Both fields of the last frame.
    if let last = entries.last, last.traits.contains(.continuation),
      let first = entries.last(where: { !$0.traits.contains(.continuation) })
    {
      lastDuration &+= max(0, last.time &- first.time)
    }
  }

  /// An index of packets that are known already.
  init(entries: [Entry], knowsReferences: Bool = false) {
    self.entries = entries
    self.knowsReferences = knowsReferences
    reorderDepth = Self.reorderDepth(of: entries)
    // Settings in the middle would be missed by a jump over them.
    let isSeamless = !entries.dropFirst().contains { $0.traits.contains(.settings) }
    entryPoints = entries.indices.filter { entries[$0].traits.contains(.entryPoint) && (isSeamless || $0 == 0) }
  }

  /// Adds to the time that the last frame is shown.
  mutating func holdLastFrame(for ticks: Int64) {
    lastDuration = min(lastDuration &+ ticks, PacketScan.Record.largestTime)
  }

  /// Ticks from the first frame that cannot be decoded, because what it refers to is missing, to the first that can.
  func ticksMissing(before first: Int) -> Int64 {
    let frames = entries.lazy.filter {
      !$0.traits.contains(.continuation) && !$0.traits.contains(.hidden) || $0.traits.contains(.leading)
    }
    return max(0, entries[first].time &- (frames.map(\.time).min() ?? entries[first].time))
  }

  /// Positions of all packets whose frames can be shown, in order of presentation.
  ///
  /// Frames that are decoded before the first key frame lack what they refer to: a recording that begins in the middle
  /// of a group. Of those that are decoded behind it and shown before it, traits tell which are complete; where they do
  /// not, none is.
  func shownFrames() -> [Int] {
    let firstKey = entries.firstIndex { $0.traits.contains(.key) } ?? 0
    guard firstKey < entries.count else { return [] }
    let unseen: PacketTraits = [.hidden, .continuation]
    let isComplete = knowsReferences && entries[firstKey].traits.contains(.entryPoint)
    let shown = entries.indices.filter {
      $0 >= firstKey && entries[$0].traits.isDisjoint(with: unseen)
        && (isComplete || entries[$0].time >= entries[firstKey].time)
    }
    return shown.sorted { (entries[$0].time, $0) < (entries[$1].time, $1) }
  }

  /// Where decoding has to start for a packet's frame: the last entry point before it, or the one before that for
  /// frames that may refer to what precedes the entry point. Where traits do not tell, those are the frames that are
  /// shown before the entry point.
  func start(for packet: Int) -> Int {
    var next = entryPoints.partitioningIndex { $0 > packet } - 1
    if knowsReferences, next > 0 {
      return entryPoints[entries[packet].traits.contains(.leading) ? next - 1 : next]
    }
    while next >= 0, entries[entryPoints[next]].time > entries[packet].time { next -= 1 }
    return next >= 0 ? entryPoints[next] : 0
  }

  /// Whether a decoder may leave a packet's frame out, unless it is wanted.
  func mayLeaveOut(_ packet: Int) -> Bool {
    !knowsReferences || entries[packet].traits.contains(.disposable)
  }

  /// Position behind a packet and those that belong to the same frame.
  func endOfFrame(_ packet: Int) -> Int {
    let rest = entries[(packet + 1)...]
    return rest.firstIndex { !$0.traits.contains(.continuation) } ?? entries.endIndex
  }

  /// H.264 and HEVC hold back at most 16 frames.
  private static func reorderDepth(of entries: [Entry]) -> Int {
    let reach = 16
    var depth = 0
    for position in entries.indices {
      let earlier = entries[max(0, position - reach)..<position]
      depth = max(depth, earlier.count { $0.time > entries[position].time })
    }
    return depth
  }
}

extension Array {
  /// Where the elements that satisfy `belongsBehind` begin; the others must all come first.
  fileprivate func partitioningIndex(where belongsBehind: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if belongsBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
