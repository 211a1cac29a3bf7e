import CFFmpeg

/// Recognises video without a container by its start codes.
///
/// FFmpeg's own test of such streams leans on the extension of the file's name, which it does not get here, and refuses
/// streams with units of reserved types.
struct ElementaryStream {
  let format: UnsafePointer<AVInputFormat>?
  private static let sampleBytes = 1 << 20
  /// Zeros and other bytes that may precede the first start code.
  private static let mostInFront = 64

  /// - Parameter descriptor: of a regular file; its position is not changed.
  /// - Returns: nil when it is none that is known here.
  init?(descriptor: CInt) {
    let bytes = BoxHeader.bytes(descriptor, at: 0, count: Self.sampleBytes)
    let name = bytes.withUnsafeBufferPointer(Self.name(of:))
    guard let name, let format = av_find_input_format(name) else { return nil }
    self.format = format
  }

  /// FFmpeg's name of the format.
  static func name(of bytes: UnsafeBufferPointer<UInt8>) -> String? {
    var units = NALUnits(bytes, lengthBytes: 0)
    var codes = [Int](repeating: 0, count: 256)
    var forbidden = 0
    var hevcLayers = 0
    var isFirst = true
    while let unit = units.next() {
      if isFirst, unit.start > mostInFront { return nil }
      isFirst = false
      codes[Int(unit.header)] += 1
      if unit.header & 0x80 != 0 { forbidden += 1 }
      if unit.header & 1 == 0, unit.second >> 3 == 0, unit.second & 7 > 0 { hevcLayers += 1 }
    }
    if forbidden == 0 {
      func h264(_ types: ClosedRange<Int>) -> Int {
        types.reduce(0) { sum, type in sum + (0..<4).reduce(0) { $0 + codes[$1 << 5 | type] } }
      }
      if h264(7...7) > 0, h264(8...8) > 0, h264(1...1) + h264(5...5) > 0 { return "h264" }
      func hevc(_ types: ClosedRange<Int>) -> Int { types.reduce(0) { $0 + codes[$1 << 1] } }
      if hevcLayers > 0, hevc(33...33) > 0, hevc(34...34) > 0, hevc(0...21) > 0 { return "hevc" }
      // Sequence, entry point and frame of VC-1's advanced profile.
      if codes[0x0F] > 0, codes[0x0E] > 0, codes[0x0D] > 0 { return "vc1" }
    }
    // Packs of a program stream, and its headers.
    guard codes[0xBA] == 0, codes[0xBB] == 0 else { return nil }
    if codes[0xB3] > 0, codes[0x00] > 0, codes[0x01] > 0 { return "mpegvideo" }
    if codes[0xB6] > 0, (0x20...0x2F).contains(where: { codes[$0] > 0 }) { return "m4v" }
    return nil
  }
}
