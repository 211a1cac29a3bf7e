import Foundation
import Verdicts

/// What `assay doctor` finds out about a machine.
public struct DoctorReport: Sendable, Codable {
  public enum Status: String, Sendable, Codable {
    case ok
    /// A scan works, but with less protection or less speed than it could have.
    case weak
    /// A scan does not work.
    case bad
  }

  /// One thing that was looked at.
  public struct Check: Sendable, Codable {
    public var name: String
    public var status: Status
    public var detail: String

    init(_ name: String, _ status: Status, _ detail: String) {
      (self.name, self.status, self.detail) = (name, status, detail)
    }
  }

  public var assayVersion: String
  public var checks: [Check]
  /// How the decoder processes are confined; nil when none could be started.
  var decoder: ProbeAnswer?

  /// Whether a scan can work here.
  public var isUsable: Bool { checks.allSatisfy { $0.status != .bad } }

  /// For people.
  public var text: String {
    let rows = checks.map { [$0.name, $0.status.rawValue, Terminal.harmless($0.detail)] }
    return alignedTable(heading: ["CHECK", "STATUS", "DETAIL"], rows: rows)
  }

  /// For programs.
  public func json() throws -> String { try readableJSON(self) }
}
