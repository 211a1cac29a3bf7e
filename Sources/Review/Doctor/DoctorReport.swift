import Decoder
import Files
import Foundation
import Runs
import Verdicts

/// Result of `assay doctor` on a machine.
package struct DoctorReport: Sendable, Codable {
  package enum Status: String, Sendable, Codable {
    case ok
    /// Scans work, but with reduced protection or speed.
    case weak
    /// Scans do not work.
    case bad
  }

  /// Result of one check.
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
  /// Confinement of the decoder processes; nil when none could be started.
  var decoder: ProbeAnswer?

  /// Whether scans can work here.
  package var isUsable: Bool { checks.allSatisfy { $0.status != .bad } }

  /// The summary as text.
  package var text: String {
    let rows = checks.map { [$0.name, $0.status.rawValue, Terminal.harmless($0.detail)] }
    return alignedTable(heading: ["CHECK", "STATUS", "DETAIL"], rows: rows)
  }

  /// The report as JSON.
  package func json() throws -> String { try readableJSON(self) }
}
