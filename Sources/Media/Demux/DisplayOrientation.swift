import CFFmpeg

/// A display orientation SEI message of an H.264 or HEVC picture (payload type 47).
struct DisplayOrientation: Equatable {
  private static let payloadType = 47

  /// How pictures are turned; nil where the message cancels an earlier one.
  var turn: Orientation.Turn?
  /// Whether it holds for the pictures that follow in order of presentation too.
  var persists: Bool
}

extension DisplayOrientation {
  /// The message among the units in front of a picture's first slice; nil when there is none.
  ///
  /// - Parameter lengthBytes: of the length before each unit; 0 when start codes separate them.
  init?(inFrontOf bytes: UnsafeBufferPointer<UInt8>, isHEVC: Bool, lengthBytes: Int) {
    var units = UnitStarts(bytes: bytes, lengthBytes: lengthBytes)
    while let unit = units.next() {
      // Types of units: SEI is 6 in H.264, 39 in HEVC in front of pictures; slices are 1–5, and 0–31.
      let type = isHEVC ? bytes[unit.start] >> 1 & 0x3F : bytes[unit.start] & 0x1F
      if isHEVC ? type < 32 : (1...5).contains(type) { return nil }
      guard type == (isHEVC ? 39 : 6) else { continue }
      if let message = Self(unit: bytes[unit.start..<(unit.end ?? units.nextStartCode)], isHEVC: isHEVC) {
        self = message
        return
      }
    }
    return nil
  }

  /// The message in the configuration record of HEVC (ISO/IEC 14496-15, 8.3.3.1), which holds for the whole stream.
  init?(configuration bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count > 22, bytes[0] == 1 else { return nil }
    func number(at place: Int) -> Int { Int(bytes[place]) << 8 | Int(bytes[place + 1]) }
    var place = 23
    for _ in 0..<bytes[22] {
      guard place + 3 <= bytes.count else { return nil }
      let isMessage = bytes[place] & 0x3F == 39
      let count = number(at: place + 1)
      place += 3
      for _ in 0..<count {
        guard place + 2 <= bytes.count else { return nil }
        let end = place + 2 + number(at: place)
        guard end <= bytes.count else { return nil }
        if isMessage, let message = Self(unit: bytes[(place + 2)..<end], isHEVC: true) {
          self = message
          return
        }
        place = end
      }
    }
    return nil
  }

  /// The message in an SEI unit with its header.
  private init?(unit: Slice<UnsafeBufferPointer<UInt8>>, isHEVC: Bool) {
    let bytes = Self.withoutEmulationPrevention(unit.dropFirst(isHEVC ? 2 : 1))
    var place = 0
    // Types and sizes are sums of bytes up to the first that is not 255.
    func number() -> Int? {
      var sum = 0
      while place < bytes.count {
        let byte = Int(bytes[place])
        place += 1
        sum += byte
        if byte < 255 { return sum }
      }
      return nil
    }
    while let type = number(), let size = number(), place + size <= bytes.count {
      if type == Self.payloadType, let message = Self(payload: bytes[place..<place + size], isHEVC: isHEVC) {
        self = message
        return
      }
      place += size
    }
    return nil
  }

  /// H.264, D.1.27, and H.265, D.2.17: they code the persistence differently.
  private init?(payload: ArraySlice<UInt8>, isHEVC: Bool) {
    let bits = payload.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
    guard let isCancelled = bits.first else { return nil }
    guard isCancelled == 0 else {
      self.init(turn: nil, persists: true)
      return
    }
    guard bits.count >= 20 else { return nil }
    let anticlockwise = bits[3..<19].reduce(0) { $0 << 1 | Int($1) }
    // One bit in HEVC. In H.264 the repetition period, as ue(v), whose code for 0 is one bit set: the picture alone.
    // Of a period beyond 1 the stream promises to repeat the message in time.
    self.init(
      turn: Orientation.Turn(
        anticlockwise: Double(anticlockwise) * 360 / 65536, flipsX: bits[1] == 1, flipsY: bits[2] == 1),
      persists: isHEVC ? bits[19] == 1 : bits[19] == 0)
  }

  /// The bytes without the threes that keep start codes from appearing in them.
  private static func withoutEmulationPrevention(_ unit: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8] {
    var bytes: [UInt8] = []
    var zeros = 0
    for byte in unit {
      if byte == 3, zeros >= 2 {
        zeros = 0
        continue
      }
      zeros = byte == 0 ? zeros + 1 : 0
      bytes.append(byte)
    }
    return bytes
  }
}

/// Walks over the units of a packet and tells where their bytes are.
private struct UnitStarts {
  let bytes: UnsafeBufferPointer<UInt8>
  let lengthBytes: Int
  private var position = 0

  init(bytes: UnsafeBufferPointer<UInt8>, lengthBytes: Int) {
    self.bytes = bytes
    self.lengthBytes = lengthBytes
  }

  /// Where the next start code, or the packet, ends.
  var nextStartCode: Int { endOfStartCode() ?? bytes.count }

  /// The next unit that is not empty; without its end where start codes separate units, since slices are long.
  mutating func next() -> (start: Int, end: Int?)? {
    lengthBytes > 0 ? nextAfterLength() : nextAfterStartCode()
  }

  private mutating func nextAfterLength() -> (start: Int, end: Int?)? {
    while position + lengthBytes < bytes.count {
      let start = position + lengthBytes
      let length = bytes[position..<start].reduce(0) { $0 << 8 | Int($1) }
      position = start + length
      if length > 0 { return (start, min(position, bytes.count)) }
    }
    return nil
  }

  private mutating func nextAfterStartCode() -> (start: Int, end: Int?)? {
    guard let start = endOfStartCode(), start < bytes.count else { return nil }
    position = start
    return (start, nil)
  }

  private func endOfStartCode() -> Int? {
    var zeros = 0
    for place in position..<bytes.count {
      if bytes[place] == 1, zeros >= 2 { return place + 1 }
      zeros = bytes[place] == 0 ? zeros + 1 : 0
    }
    return nil
  }
}

/// Reads the orientation messages of a stream, packet by packet.
struct OrientationScanner {
  /// Messages with the positions of their packets, in decoding order.
  private(set) var messages: [(packet: Int, message: DisplayOrientation)] = []
  /// What holds where the pictures say nothing.
  let ofStream: DisplayOrientation?
  private let isHEVC: Bool
  /// Nil for codecs without such messages.
  private let lengthBytes: Int?

  init(_ parameters: AVCodecParameters) {
    isHEVC = parameters.codec_id == AV_CODEC_ID_HEVC
    guard isHEVC || parameters.codec_id == AV_CODEC_ID_H264 else {
      (lengthBytes, ofStream) = (nil, nil)
      return
    }
    let extra = UnsafeBufferPointer(start: parameters.extradata, count: Int(max(parameters.extradata_size, 0)))
    // Position of the length size in the configuration records of ISO/IEC 14496-15.
    let position = isHEVC ? 21 : 4
    lengthBytes = extra.count > position && extra[0] == 1 ? Int(extra[position] & 3) + 1 : 0
    ofStream = isHEVC ? DisplayOrientation(configuration: extra) : nil
  }

  /// - Parameter position: of the packet in decoding order.
  mutating func look(at packet: borrowing Packet, position: Int) {
    guard let lengthBytes, let data = packet.raw.pointee.data, packet.raw.pointee.size > 0 else { return }
    let bytes = UnsafeBufferPointer(start: data, count: Int(packet.raw.pointee.size))
    if let message = DisplayOrientation(inFrontOf: bytes, isHEVC: isHEVC, lengthBytes: lengthBytes) {
      messages.append((position, message))
    }
  }
}

/// How the pictures of a stream are turned, by the messages that some of them carry.
///
/// A message that persists holds, in order of presentation, until a picture carries another one or a new coded video
/// sequence begins (H.264, D.2.27; H.265, D.3.17). The decoder does not tell: FFmpeg attaches a message of H.264 to the
/// picture that carries it alone, and forgets one of HEVC at every jump.
struct DeclaredTurns {
  private struct Event {
    var sequence: Int
    var time: Int64
    var message: DisplayOrientation
  }

  /// By sequence and time.
  private let events: [Event]
  private let ofStream: Orientation.Turn?
  /// Positions of the packets that begin a sequence, ascending, but for the first of all.
  private let starts: [Int]

  /// - Returns: nil for a stream without messages.
  init?(_ scanner: OrientationScanner, _ entries: [PacketIndex.Entry]) {
    guard !scanner.messages.isEmpty || scanner.ofStream != nil else { return nil }
    ofStream = scanner.ofStream?.turn
    let starts = entries.indices.dropFirst().filter { entries[$0].traits.contains(.newSequence) }
    self.starts = starts
    events = scanner.messages.map { (packet, message) in
      // That of the first picture to be decoded holds for those that are shown before it too.
      let isFirst = packet == 0 || entries[packet].traits.contains(.newSequence)
      return Event(
        sequence: Self.sequence(of: packet, starts), time: isFirst && message.persists ? .min : entries[packet].time,
        message: message)
    }.sorted { ($0.sequence, $0.time) < ($1.sequence, $1.time) }
  }

  /// - Parameters:
  ///   - packet: position of the picture's packet.
  ///   - time: when the picture is shown.
  func turn(ofPacket packet: Int, at time: Int64) -> Orientation.Turn? {
    let sequence = Self.sequence(of: packet, starts)
    let count = Self.count(in: events.count) { (events[$0].sequence, events[$0].time) <= (sequence, time) }
    guard count > 0, events[count - 1].sequence == sequence else { return ofStream }
    let last = events[count - 1]
    return last.message.persists || last.time == time ? last.message.turn : nil
  }

  private static func sequence(of packet: Int, _ starts: [Int]) -> Int {
    count(in: starts.count) { starts[$0] <= packet }
  }

  /// The number of elements at the beginning of a sorted list that a condition holds for.
  private static func count(in total: Int, where holds: (Int) -> Bool) -> Int {
    var (low, high) = (0, total)
    while low < high {
      let middle = (low + high) / 2
      if holds(middle) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension PacketIndex {
  /// The orientation of a packet's picture.
  ///
  /// - Parameter stream: what the container says.
  func orientation(ofPacket packet: Int, _ stream: Orientation) -> Orientation {
    guard let turns else { return stream }
    return stream.turned(turns.turn(ofPacket: packet, at: entries[packet].time))
  }
}
