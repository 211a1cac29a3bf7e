import Files
import Foundation
package import Isolation
package import Runs

/// What `assay doctor` and a decoder process say to each other: whether the sandbox holds.
///
/// The request is empty; the answer comes as one `ProbeAnswer`.
enum ProbeMessage {
  static let requestKind: UInt32 = 201
  static let answerKind: UInt32 = 202

  /// Tries to break out of the calling process, and tells how that went.
  static func answer(
    _ state: SandboxState, _ limits: ResourceLimits, over connection: borrowing WorkerConnection
  ) throws {
    let answer = ProbeAnswer(
      sandbox: state, addressSpaceBytes: limits.addressSpaceBytes, openFiles: limits.openFiles,
      fileSizeBytes: limits.fileSizeBytes, attempts: SandboxProbe.run())
    try connection.send(WorkerMessage(kind: answerKind, payload: Array(JSONEncoder().encode(answer))))
    try connection.end()
  }
}

/// How a decoder process is confined, by its own word and by trying.
package struct ProbeAnswer: Codable, Sendable {
  package var sandbox: SandboxState
  /// Limits that are set; nil for none.
  package var addressSpaceBytes: Int?
  package var openFiles: Int?
  package var fileSizeBytes: Int?
  package var attempts: [SandboxProbe.Outcome]

  /// Starts a decoder process as a scan does, and asks it.
  ///
  /// - Throws: `WorkflowError.decoder` when there is none, or it gives no such answer.
  package static func ask(_ command: WorkerCommand) throws(WorkflowError) -> ProbeAnswer {
    var process = WorkerProcess(command)
    var answer: ProbeAnswer?
    do {
      try process.send(WorkerMessage(kind: ProbeMessage.requestKind), timeLimitSeconds: 30)
      while case .message(let message) = try process.receive(), message.kind != WorkerMessage.endKind {
        answer = try JSONDecoder().decode(ProbeAnswer.self, from: Data(message.payload))
      }
    } catch {
      throw .decoder(why: explanation(of: error))
    }
    guard let answer else { throw .decoder(why: "it ended when it tried to leave its sandbox") }
    return answer
  }
}
