import Isolation

/// A worker that is a shell script: its end of the connection is descriptor 3.
func scriptedWorker(
  _ script: String, maximumMessageBytes: Int = 1 << 20, recycleAfter: Int = 100
) -> WorkerProcess {
  var command = WorkerCommand(arguments: ["-c", script])
  command.executable = "/bin/sh"
  return WorkerProcess(command, maximumMessageBytes: maximumMessageBytes, recycleAfter: recycleAfter)
}

/// Shell commands for scripts.
enum Shell {
  /// Reads a request whose payload has `bytes` bytes.
  static func take(_ bytes: Int = 0) -> String { "head -c \(8 + bytes) <&3 >/dev/null; " }

  /// Sends one message.
  static func say(_ kind: UInt32, _ text: String = "") -> String {
    let header = WorkerMessage(kind: kind, payload: Array(text.utf8)).wireHeader
    let escaped = (header + Array(text.utf8)).map { "\\" + octal($0) }.joined()
    return "printf '\(escaped)' >&3; "
  }

  static let end = say(WorkerMessage.endKind)

  private static func octal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 8)
    return String(repeating: "0", count: 3 - digits.count) + digits
  }
}

extension WorkerMessage {
  /// The header as the documentation of `WorkerMessage` promises it, made without the code under test.
  var wireHeader: [UInt8] {
    [kind, UInt32(payload.count)].flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
  }
}

extension WorkerProcess {
  /// Never reached by a script that answers, however busy the machine.
  static var patienceSeconds: Double { 3600 }

  /// Sends an empty request and gathers the reply up to its end, or up to what came instead.
  mutating func ask(timeLimitSeconds: Double = patienceSeconds) throws -> [Reply] {
    try send(WorkerMessage(kind: 1), timeLimitSeconds: timeLimitSeconds)
    var replies: [Reply] = []
    while true {
      let reply = try receive()
      replies.append(reply)
      guard case .message(let message) = reply, message.kind != WorkerMessage.endKind else { return replies }
    }
  }
}
