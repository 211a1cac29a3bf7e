import Files
import Runs
import Verdicts

/// Result of verifying one row.
struct VideoCheck: Sendable, Encodable {
  enum State: String, Sendable, Encodable, CaseIterable {
    /// Everything was re-derived and agrees.
    case same
    /// A re-derived value disagrees.
    case differs
    /// The video can no longer be opened.
    case missing
    /// The file differs from the scanned one: its SHA-256 has changed.
    case changed
    /// Could not be re-derived; the differences state why.
    case unchecked
    /// The row has no verdict, and the file is unchanged.
    case noVerdict = "no_verdict"
  }

  /// A recorded value and its re-derived counterpart.
  struct Difference: Sendable, Encodable {
    var what: String
    var recorded: String
    var derived: String
  }

  let path: VideoPath
  var state: State
  var differences: [Difference] = []
  /// Why the video cannot be opened.
  var reason: String?

  private enum CodingKeys: String, CodingKey { case state, differences, reason }

  func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(state, forKey: .state)
    try container.encode(differences, forKey: .differences)
    try container.encodeIfPresent(reason, forKey: .reason)
  }
}

/// Result of verifying a manifest.
package struct VerifySummary: Sendable, Encodable {
  package let manifest: String
  /// Number of rows in the manifest, and number of verified rows.
  package let videos: Int
  let checked: Int
  let counts: [String: Int]
  /// All checks except `same` and `noVerdict`, sorted by path.
  let details: [VideoCheck]
  /// Where the manifests of the run and the ledger contradict each other.
  let contradictions: [Contradiction]

  init(manifest: String, videos: Int, checks: [VideoCheck], contradictions: [Contradiction]) {
    self.contradictions = contradictions
    self.manifest = manifest
    self.videos = videos
    checked = checks.count
    counts = Dictionary(
      uniqueKeysWithValues: VideoCheck.State.allCases.map { state in
        (state.rawValue, checks.count { $0.state == state })
      })
    details = checks.filter { $0.state != .same && $0.state != .noVerdict }.sorted { $0.path < $1.path }
  }

  /// 2 if something differs, 3 if nothing differs but some rows could not be verified, otherwise 0.
  package var exitCode: Int32 {
    if counts["differs", default: 0] > 0 || !contradictions.isEmpty { return 2 }
    return details.isEmpty ? 0 : 3
  }

  package var text: String {
    let lines = details.flatMap { check in
      let path = Terminal.harmless(check.path.text)
      guard !check.differences.isEmpty else {
        return ["\(path): \(check.state.rawValue)" + (check.reason.map { ": " + Terminal.harmless($0) } ?? "")]
      }
      return check.differences.map { difference in
        "\(path): \(check.state.rawValue): \(difference.what) recorded \(difference.recorded), derived "
          + difference.derived
      }
    }
    let counted = VideoCheck.State.allCases.compactMap { state -> String? in
      counts[state.rawValue].flatMap { $0 > 0 ? "\($0) \(state.rawValue.replacing("_", with: " "))" : nil }
    }
    var hint: [String] = []
    if details.contains(where: { $0.state == .missing }) {
      hint.append("a folder that was moved since the scan is named with --root OLD=NEW")
    }
    if details.contains(where: { $0.state == .unchecked && $0.differences.contains { $0.what == "model" } }) {
      hint.append("a run is verified with the model that made it: name its file with --model")
    }
    // Of what could not be looked at nothing is verified.
    let verified = checks(.same) + checks(.differs) + checks(.noVerdict) + checks(.changed)
    let total = "\(verified) of \(Runs.counted(videos, "videos")) verified" + (counted.isEmpty ? "" : ": ")
    let against = contradictions.map(\.text)
    return (against + lines + hint + [total + counted.joined(separator: ", ")]).joined(separator: "\n")
  }

  private func checks(_ state: VideoCheck.State) -> Int { counts[state.rawValue, default: 0] }

  package func json() throws -> String { try readableJSON(self) }
}
