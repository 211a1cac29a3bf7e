import TestSupport
import Testing

@testable import Media

@Suite("Turns that the coded pictures declare")
struct DisplayOrientationTests {
  /// Payloads of the SEI message: 90 degrees anticlockwise.
  private enum Message: String {
    case h264Once = "2f03080014"
    case h264Persisting = "2f03080009"
    /// Repetition period 10.
    case h264Repeated = "2f040800058000"
    case h264Cancelled = "2f01c0"
    case hevcOnce = "2f03080008"
    case hevcPersisting = "2f03080018"
    case hevcCancelled = "2f01c1"

    var isHEVC: Bool { "\(self)".hasPrefix("hevc") }

    /// The unit with its start code.
    var unit: [UInt8] {
      let digits = Array(rawValue)
      let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(digits[$0...$0 + 1]), radix: 16)
      }
      return [0, 0, 0, 1] + (isHEVC ? [0x4E, 0x01] : [0x06]) + bytes + [0x80]
    }
  }

  private static let pattern = [
    "-f", "lavfi", "-i", "testsrc2=s=192x144:r=25", "-frames:v", "12", "-pix_fmt", "yuv420p",
  ]

  /// Whether each frame, in order of presentation, is turned.
  ///
  /// - Parameter messages: by the number of the access unit, in decoding order.
  private static func turns(
    _ name: String, _ options: String, _ messages: [Int: Message], remuxed: Bool = true
  ) throws -> [Bool] {
    let isHEVC = messages.values.allSatisfy(\.isHEVC)
    let suffix = isHEVC ? "hevc" : "264"
    let encoder =
      isHEVC
      ? [
        "-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
        "log-level=none:aud=1:b-adapt=0:scenecut=0:" + options,
      ]
      : [
        "-c:v", "libx264", "-preset", "ultrafast", "-x264-params",
        "aud=1:b-adapt=0:scenecut=0:" + options,
      ]
    let plain = try contents(of: TestClips.make("\(name)-plain.\(suffix)", pattern + encoder))
    let delimiter: [UInt8] = isHEVC ? [0, 0, 0, 1, 0x46, 0x01] : [0, 0, 0, 1, 0x09]
    var (bytes, unit): ([UInt8], Int) = ([], 0)
    for place in plain.indices {
      if plain[place...].starts(with: delimiter) {
        // The message of the access unit before this one has been written behind its delimiter.
        unit += 1
      }
      bytes.append(plain[place])
      // A delimiter is its header and one byte.
      if place >= delimiter.count, plain[(place - delimiter.count)...].starts(with: delimiter),
        let message = messages[unit - 1]
      {
        bytes += message.unit
      }
    }
    #expect(unit == 12)
    var path = try TestClips.write(bytes, to: "\(name).\(suffix)")
    if remuxed {
      path = try TestClips.make(
        "\(name).ts", ["-r", "25", "-i", "CLIP/\(name).\(suffix)", "-c", "copy"])
    }
    return try withDescriptor(path) { descriptor in
      var turns: [Bool] = []
      _ = try VideoReader(descriptor: descriptor).forEachFrame { picture, _, _ in
        #expect(picture.width * picture.height == 192 * 144)
        turns.append(picture.width == 144)
      }
      return turns
    }
  }

  private static func frames(_ turned: some Sequence<Int>) -> [Bool] {
    let turned = Set(turned)
    return (0..<12).map { turned.contains($0) }
  }

  @Test("a message that persists holds until the next sequence, one that does not for its picture")
  func persistence() throws {
    #expect(
      try Self.turns("once-for-all", "bframes=0", [0: .h264Persisting], remuxed: false)
        == Self.frames(0..<12))
    #expect(try Self.turns("period-0", "bframes=0", [3: .h264Once]) == Self.frames([3]))
    #expect(try Self.turns("period-10", "bframes=0", [3: .h264Repeated]) == Self.frames(3..<12))
    #expect(
      try Self.turns("sequence", "bframes=0:keyint=6", [2: .h264Persisting]) == Self.frames(2..<6))
    #expect(
      try Self.turns("hevc-for-all", "bframes=0", [0: .hevcPersisting]) == Self.frames(0..<12))
    #expect(try Self.turns("hevc-once", "bframes=0", [3: .hevcOnce]) == Self.frames([3]))
  }

  @Test("a message cancels or replaces the one before")
  func cancelling() throws {
    #expect(
      try Self.turns("cancelled", "bframes=0", [2: .h264Persisting, 5: .h264Cancelled])
        == Self.frames(2..<5))
    #expect(
      try Self.turns("replaced", "bframes=0", [2: .h264Persisting, 5: .h264Once])
        == Self.frames(2...5))
    #expect(
      try Self.turns("hevc-cancelled", "bframes=0", [2: .hevcPersisting, 5: .hevcCancelled])
        == Self.frames(2..<5))
  }

  @Test("what counts is the order of presentation")
  func order() throws {
    // Decoded as 0 3 1 2 6 4 5 …
    #expect(
      try Self.turns("reordered", "bframes=2:b-pyramid=none", [1: .h264Persisting], remuxed: false)
        == Self.frames(3..<12))
  }

  @Test("frames behind a jump are turned by a message before it")
  func jump() throws {
    // An HEVC decoder forgets its messages where it starts anew.
    let name = "hevc-jump"
    #expect(
      try Self.turns(name, "bframes=0:keyint=4:min-keyint=4:open-gop=1", [0: .hevcPersisting])
        == Self.frames(0..<12))
    try withDescriptor(try TestClips.path(of: "\(name).ts")) { descriptor in
      let report = try VideoReader(descriptor: descriptor).sample(2) { picture, _ in
        #expect(picture.width == 144)
      }
      #expect(report.decoded == 2)
    }
  }
}
