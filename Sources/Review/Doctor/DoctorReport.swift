import Decoder
import Files
import Foundation
import Runs
import Verdicts

/// What `assay doctor` finds out about a machine.
package struct DoctorReport: Sendable, Codable {
  package enum Status: String, Sendable, Codable {
    case ok
    /// A scan works, but with less protection or less speed than it could have.
    case weak
    /// A scan does not work.
    case bad
  }

  /// One thing that was looked at.
  package struct Check: Sendable, Codable {
    package var name: String
    package var status: Status
    package var detail: String

    init(_ name: String, _ status: Status, _ detail: String) {
      (self.name, self.status, self.detail) = (name, status, detail)
    }
  }

  package var assayVersion: String
  package var checks: [Check]
  /// How the decoder processes are confined; nil when none could be started.
  var decoder: ProbeAnswer?

  /// Whether a scan can work here.
  package var isUsable: Bool { checks.allSatisfy { $0.status != .bad } }

  /// For people.
  package var text: String {
    let rows = checks.map { [$0.name, $0.status.rawValue, Terminal.harmless($0.detail)] }
    return alignedTable(heading: ["CHECK", "STATUS", "DETAIL"], rows: rows)
  }

  /// For programs.
  package func json() throws -> String { try readableJSON(self) }
}
