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
  /// Whether a packet was cut short or the container broke off.
  private(set) var isDamaged = false
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
    let clock = FrameClock(secondsPerTick: demuxer.secondsPerTick, framesPerSecond: demuxer.framesPerSecond)
    if demuxer.hasJumpingClock { clock.evenOut(&scan.records) }
    var times = scan.records.compactMap(\.pts)
    if times.count < scan.records.count {
      let order = try PresentationOrder(&scan.records, of: demuxer, descriptor: descriptor, limits: limits)
      times = clock.times(of: scan.records, in: order)
    }
    self.init(entries: zip(scan.records, times).map { Entry(time: $1, traits: $0.traits) })
    turns = DeclaredTurns(scan.orientations, entries)
    isEncrypted = scan.isEncrypted
    isDamaged = scan.isDamaged
    lastDuration = scan.lastDuration > 0 ? scan.lastDuration : clock.ticksPerFrame
  }

  /// An index of packets that are known already.
  init(entries: [Entry]) {
    self.entries = entries
    reorderDepth = Self.reorderDepth(of: entries)
    // Settings in the middle would be missed by a jump over them.
    let isSeamless = !entries.dropFirst().contains { $0.traits.contains(.settings) }
    entryPoints = entries.indices.filter { entries[$0].traits.contains(.entryPoint) && (isSeamless || $0 == 0) }
  }

  /// Positions of all packets whose frames can be shown, in order of presentation.
  ///
  /// Frames in front of the first key frame lack what they refer to: a recording that begins in the middle of a group.
  func shownFrames() -> [Int] {
    let firstKey = entries.firstIndex { $0.traits.contains(.key) } ?? 0
    let unseen: PacketTraits = [.hidden, .continuation]
    let shown = entries.indices.filter {
      $0 >= firstKey && entries[$0].traits.isDisjoint(with: unseen) && entries[$0].time >= entries[firstKey].time
    }
    return shown.sorted { (entries[$0].time, $0) < (entries[$1].time, $1) }
  }

  /// Where decoding has to start for a packet's frame: the last entry point that is shown no later.
  ///
  /// Frames that follow an entry point but are shown before it may refer to what comes before it.
  func start(for packet: Int) -> Int {
    var next = entryPoints.partitioningIndex { $0 > packet }
    while next > 0 {
      next -= 1
      if entries[entryPoints[next]].time <= entries[packet].time { return entryPoints[next] }
    }
    return 0
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
