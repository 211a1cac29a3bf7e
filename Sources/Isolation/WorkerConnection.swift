import CPosix
import Glibc

/// The worker's side of a `WorkerProcess`: receives requests and sends replies.
public struct WorkerConnection: ~Copyable {
  /// A request, with its attached descriptor.
  public struct Request: ~Copyable {
    public let message: WorkerMessage
    private var descriptor: Descriptor?

    fileprivate init(message: WorkerMessage, descriptor: consuming Descriptor?) {
      self.message = message
      self.descriptor = descriptor
    }

    /// - Returns: the attached descriptor, to the first caller only.
    public mutating func takeDescriptor() -> Descriptor? { descriptor.take() }
  }

  /// Maximum length of a request.
  public static let maximumRequestBytes = 1 << 20

  let socket: MessageSocket

  /// Takes over the connection inherited by this process.
  ///
  /// - Throws: `.connection` when there is none, because the hidden subcommand was run by hand.
  public static func ofThisProcess() throws(IsolationError) -> WorkerConnection {
    let number = CInt(cposix_child_socket)
    var status = cposix_status()
    let result = cposix_status_of(number, &status)
    guard result == 0, status.kind == cposix_socket_file else {
      throw .connection(call: "fstat", errno: result == 0 ? ENOTSOCK : -result)
    }
    return WorkerConnection(Descriptor(owning: number))
  }

  /// Communicates over `socket`, one end of a connected pair.
  public init(_ socket: consuming Descriptor) {
    self.socket = MessageSocket(socket)
  }

  /// Waits for the next request.
  ///
  /// - Returns: nil if the other side has closed the connection; the worker should then exit.
  public func receive() throws(IsolationError) -> Request? {
    var attached: CInt = -1
    let receipt = try socket.receive(
      maximumBytes: Self.maximumRequestBytes, attached: &attached, wait: Self.waiting(for: socket.descriptor.raw))
    let descriptor = attached >= 0 ? Descriptor(owning: attached) : nil
    switch receipt {
    case .message(let message): return Request(message: message, descriptor: descriptor)
    case .ended, .timedOut: return nil
    case .oversized(let claimedBytes):
      throw .oversizedMessage(claimedBytes: claimedBytes, acceptedBytes: Self.maximumRequestBytes)
    }
  }

  /// Sends one message of the reply; blocks while the other side is busy.
  ///
  /// - Throws: `.disconnected` when the other side has closed the connection.
  public func send(_ message: WorkerMessage) throws(IsolationError) {
    _ = try socket.send(message, descriptor: nil, wait: Self.waiting(for: socket.descriptor.raw))
  }

  /// Ends the reply.
  public func end(_ payload: [UInt8] = []) throws(IsolationError) {
    try send(.end(payload))
  }

  /// Waits without a time limit.
  private static func waiting(for socket: CInt) -> MessageSocket.Wait {
    { (forWriting) throws(IsolationError) in
      let ready = cposix_poll(socket, forWriting, -1, -1)
      guard ready >= 0 else { throw .connection(call: "poll", errno: -ready) }
      return true
    }
  }
}
