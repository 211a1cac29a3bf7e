/// Parameter sets and slice headers of H.264, as far as the numbering of frames and the pairing of fields need them
/// (ITU-T H.264, 7.3.2 and 7.3.3).
struct H264Headers {
  enum Field { case top, bottom }

  struct Slice {
    var frameNumber: Int
    /// `frameNumber` counts modulo this.
    var modulus: Int
    /// nil for a frame.
    var field: Field?

    /// That of a packet that holds both fields.
    var asFrame: Slice { Slice(frameNumber: frameNumber, modulus: modulus, field: nil) }
  }

  private struct Sequence {
    var numberBits: Int
    var hasColourPlanes: Bool
    var isFrameOnly: Bool
  }

  private var sequences: [Int: Sequence] = [:]
  /// Sequence parameter set of each picture parameter set.
  private var sequenceOfPicture: [Int: Int] = [:]

  /// Profiles whose sequence parameter sets describe chroma and scaling lists.
  private static let highProfiles: Set<Int> = [44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244]

  /// - Parameter configuration: `avcC` of ISO/IEC 14496-15, or parameter sets behind start codes.
  init(configuration: UnsafeBufferPointer<UInt8>) {
    guard configuration.count > 6, configuration[0] == 1 else {
      var units = NALUnits(configuration, lengthBytes: 0)
      while let unit = units.next() { read(unit, of: units) }
      return
    }
    // Sequence parameter sets, then picture parameter sets: a number of sets, each behind two bytes of length.
    var position = 5
    for mask: UInt8 in [0x1F, 0xFF] {
      guard position < configuration.count else { return }
      let count = configuration[position] & mask
      position += 1
      for _ in 0..<count {
        guard position + 2 < configuration.count else { return }
        let length = Int(configuration[position]) << 8 | Int(configuration[position + 1])
        position += 2
        let end = min(position + length, configuration.count)
        read(configuration[position], UnsafeBufferPointer(rebasing: configuration[position..<end]))
        position = end
      }
    }
  }

  /// Takes in a parameter set; other units change nothing.
  mutating func read(_ unit: NALUnits.Unit, of units: NALUnits) {
    read(unit.header, units.bytes(of: unit, atMost: 1024))
  }

  private mutating func read(_ header: UInt8, _ bytes: UnsafeBufferPointer<UInt8>) {
    var bits = NALBits(bytes)
    switch header & 0x1F {
    case 7: readSequence(&bits)
    case 8:
      let picture = bits.exponential()
      if picture < 256 { sequenceOfPicture[picture] = bits.exponential() }
    default: break
    }
  }

  private mutating func readSequence(_ bits: inout NALBits) {
    let profile = bits.bits(8)
    _ = bits.bits(16)
    let identifier = bits.exponential()
    var hasColourPlanes = false
    if Self.highProfiles.contains(profile) {
      let chroma = bits.exponential()
      if chroma == 3 { hasColourPlanes = bits.bits(1) == 1 }
      _ = (bits.exponential(), bits.exponential(), bits.bits(1))
      if bits.bits(1) == 1 { Self.skipScalingLists(chroma == 3 ? 12 : 8, &bits) }
    }
    let numberBits = bits.exponential() + 4
    switch bits.exponential() {
    case 0: _ = bits.exponential()
    case 1:
      _ = (bits.bits(1), bits.exponential(), bits.exponential())
      for _ in 0..<min(bits.exponential(), 255) { _ = bits.exponential() }
    default: break
    }
    // Reference frames, gaps allowed, width, height.
    _ = (bits.exponential(), bits.bits(1), bits.exponential(), bits.exponential())
    guard numberBits <= 16, identifier < 32 else { return }
    sequences[identifier] = Sequence(
      numberBits: numberBits, hasColourPlanes: hasColourPlanes, isFrameOnly: bits.bits(1) == 1)
  }

  private static func skipScalingLists(_ count: Int, _ bits: inout NALBits) {
    for list in 0..<count where bits.bits(1) == 1 {
      var (last, next) = (8, 8)
      for _ in 0..<(list < 6 ? 16 : 64) {
        if next != 0 { next = (last + bits.signedExponential()) & 0xFF }
        if next != 0 { last = next }
      }
    }
  }

  /// The header of a unit of type 1, 2 or 5; nil without its parameter sets.
  func slice(_ unit: NALUnits.Unit, of units: NALUnits) -> Slice? {
    var bits = NALBits(units.bytes(of: unit, atMost: 64))
    // First macroblock, slice type.
    _ = (bits.exponential(), bits.exponential())
    guard let number = sequenceOfPicture[bits.exponential()], let sequence = sequences[number] else { return nil }
    if sequence.hasColourPlanes { _ = bits.bits(2) }
    var slice = Slice(frameNumber: bits.bits(sequence.numberBits), modulus: 1 << sequence.numberBits, field: nil)
    if !sequence.isFrameOnly, bits.bits(1) == 1 { slice.field = bits.bits(1) == 1 ? .bottom : .top }
    return slice
  }
}

/// Pairs fields that come in packets of their own, as FFmpeg's decoder does.
struct FieldPairing {
  enum Place { case frame, firstField, secondField }

  private var first: (field: H264Headers.Field, frameNumber: Int)?
  /// Fields in a row that found no partner.
  private var missing = 0
  /// Whether the field before the last packet found no partner and is not shown.
  private(set) var lostLastFrame = false

  /// - Parameter slice: the first of a packet that holds a frame, or one field only.
  mutating func place(of slice: H264Headers.Slice) -> Place {
    lostLastFrame = false
    guard let waiting = first else { return begin(slice) }
    let isOpposite = slice.field.map { $0 != waiting.field } ?? false
    if isOpposite, slice.frameNumber == waiting.frameNumber {
      (first, missing) = (nil, 0)
      return .secondField
    }
    // The decoder does not show a lone field, unless there are several in a row.
    lostLastFrame = missing <= 1
    missing = isOpposite ? 0 : missing + 1
    return begin(slice)
  }

  private mutating func begin(_ slice: H264Headers.Slice) -> Place {
    first = slice.field.map { ($0, slice.frameNumber) }
    return slice.field == nil ? .frame : .firstField
  }
}

/// Reads bits of a unit behind its header, without the bytes that prevent the emulation of start codes.
struct NALBits {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let isEscaped: Bool
  private var index = 0
  private var zeros = 0
  private var current: UInt8 = 0
  private var left = 0

  /// - Parameters:
  ///   - bytes: from the unit's header byte on; beyond them, zeros are read.
  ///   - escaped: whether there are emulation prevention bytes.
  init(_ bytes: UnsafeBufferPointer<UInt8>, escaped: Bool = true) {
    self.bytes = bytes
    isEscaped = escaped
    index = min(1, bytes.count)
  }

  /// - Parameter count: at most 32.
  mutating func bits(_ count: Int) -> Int {
    var value = 0
    for _ in 0..<count { value = value << 1 | bit() }
    return value
  }

  /// An unsigned Exp-Golomb code.
  mutating func exponential() -> Int {
    var zeros = 0
    while zeros < 32, bit() == 0 { zeros += 1 }
    return (1 << zeros) - 1 + bits(zeros)
  }

  mutating func signedExponential() -> Int {
    let code = exponential()
    return code & 1 == 1 ? (code + 1) / 2 : -code / 2
  }

  private mutating func bit() -> Int {
    if left == 0 {
      if isEscaped, index < bytes.count, zeros >= 2, bytes[index] == 3 {
        index += 1
        zeros = 0
      }
      current = index < bytes.count ? bytes[index] : 0
      zeros = current == 0 ? zeros + 1 : 0
      index += 1
      left = 8
    }
    left -= 1
    return Int(current >> left) & 1
  }
}
