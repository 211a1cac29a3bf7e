/// What travels between a program and its worker processes: a kind that the two have agreed on, and bytes.
///
/// On the wire: kind and length of the payload as little-endian `UInt32`, then the payload.
public struct WorkerMessage: Sendable, Hashable {
  /// The kind of the message that ends a reply; the others are free.
  public static let endKind: UInt32 = 0

  public var kind: UInt32
  public var payload: [UInt8]

  public init(kind: UInt32, payload: [UInt8] = []) {
    self.kind = kind
    self.payload = payload
  }

  /// Ends a reply.
  public static func end(_ payload: [UInt8] = []) -> WorkerMessage {
    WorkerMessage(kind: endKind, payload: payload)
  }

  static let headerBytes = 8

  /// - Precondition: the payload is shorter than 4 GiB.
  var header: [UInt8] {
    precondition(payload.count <= UInt32.max, "a payload of \(payload.count) bytes does not fit a message")
    return withUnsafeBytes(of: (kind.littleEndian, UInt32(payload.count).littleEndian)) { Array($0) }
  }

  static func parse(header: [UInt8]) -> (kind: UInt32, length: Int) {
    precondition(header.count == headerBytes, "a header of \(header.count) bytes")
    func word(at offset: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(header[offset + $1]) << (8 * UInt32($1)) }
    }
    return (word(at: 0), Int(word(at: 4)))
  }
}
