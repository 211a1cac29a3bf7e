import Files
import Foundation
package import Isolation
package import Runs

/// Protocol by which `assay doctor` tests the sandbox of a decoder process.
///
/// The request is empty; the reply is one `ProbeAnswer`.
enum ProbeMessage {
  static let requestKind: UInt32 = 201
  static let answerKind: UInt32 = 202

  /// Attempts to break out of the sandbox and reports the outcome.
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

/// Confinement of a decoder process, as reported by itself and as tested.
package struct ProbeAnswer: Codable, Sendable {
  package var sandbox: SandboxState
  /// Limits in effect; nil for none.
  package var addressSpaceBytes: Int?
  package var openFiles: Int?
  package var fileSizeBytes: Int?
  package var attempts: [SandboxProbe.Outcome]

  /// Starts a decoder process as in a scan, and probes it.
  ///
  /// - Throws: `WorkflowError.decoder` when it cannot be started or sends no valid reply.
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
