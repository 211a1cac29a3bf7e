import CPosix
import Glibc

/// Sends and receives whole messages over one end of a socket pair; the caller supplies the waiting.
///
/// `wait` is called when the socket is not ready; its argument is whether the socket waits for writing. It returns
/// false on a timeout.
struct MessageSocket: ~Copyable {
  enum Receipt {
    case message(WorkerMessage)
    /// The time limit expired first.
    case timedOut
    /// The peer closed the connection, possibly within a message.
    case ended
    /// The peer announced more than `maximumBytes`; the stream cannot be continued.
    case oversized(claimedBytes: Int)
  }

  typealias Wait = (_ forWriting: Bool) throws(IsolationError) -> Bool

  let descriptor: Descriptor

  init(_ descriptor: consuming Descriptor) {
    self.descriptor = descriptor
  }

  /// Both ends of a new connection.
  static func pair() throws(IsolationError) -> (CInt, CInt) {
    var ends: [CInt] = [-1, -1]
    let result = cposix_socket_pair(&ends)
    guard result == 0 else { throw .connection(call: "socketpair", errno: -result) }
    return (ends[0], ends[1])
  }

  /// - Returns: false if the time limit expired before all was sent.
  /// - Throws: `.disconnected` when the peer has closed the connection.
  func send(
    _ message: WorkerMessage, descriptor attached: CInt?, wait: Wait
  ) throws(IsolationError) -> Bool {
    guard try send(bytes: message.header, descriptor: attached, wait: wait) else { return false }
    return try send(bytes: message.payload, descriptor: nil, wait: wait)
  }

  /// - Parameter attached: receives the descriptor sent with the message; nil discards it.
  func receive(
    maximumBytes: Int, attached: UnsafeMutablePointer<CInt>?, wait: Wait
  ) throws(IsolationError) -> Receipt {
    let (header, interruption) = try receive(
      count: WorkerMessage.headerBytes, attached: attached, wait: wait)
    if let interruption { return interruption }
    let (kind, length) = WorkerMessage.parse(header: header)
    guard length <= maximumBytes else { return .oversized(claimedBytes: length) }
    let (payload, late) = try receive(count: length, attached: nil, wait: wait)
    return late ?? .message(WorkerMessage(kind: kind, payload: payload))
  }

  private func send(bytes: [UInt8], descriptor attached: CInt?, wait: Wait) throws(IsolationError) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let result = bytes.withUnsafeBytes {
        cposix_send(
          descriptor.raw, $0.baseAddress.map { $0 + sent }, bytes.count - sent, sent == 0 ? attached ?? -1 : -1)
      }
      switch result {
      case 0...: sent += result
      case -Int(EAGAIN): guard try wait(true) else { return false }
      case -Int(EPIPE), -Int(ECONNRESET): throw .disconnected
      case let code: throw .connection(call: "sendmsg", errno: CInt(-code))
      }
    }
    return true
  }

  /// - Returns: the bytes, or the event that prevented reading them.
  private func receive(
    count: Int, attached: UnsafeMutablePointer<CInt>?, wait: Wait
  ) throws(IsolationError) -> ([UInt8], Receipt?) {
    guard count > 0 else { return ([], nil) }
    var interruption: Receipt?
    var failure: IsolationError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(IsolationError) {
        while filled < count {
          let result = cposix_receive(
            descriptor.raw, buffer.baseAddress.map { $0 + filled }, count - filled, attached)
          switch result {
          case 1...: filled += result
          case 0, -Int(ECONNRESET): interruption = .ended
          case -Int(EAGAIN): if !(try wait(false)) { interruption = .timedOut }
          case let code: throw .connection(call: "recvmsg", errno: CInt(-code))
          }
          if interruption != nil { return }
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return (bytes, interruption)
  }
}

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
