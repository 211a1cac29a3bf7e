import Files
import Runs
import Verdicts

/// What became of verifying one row.
struct VideoCheck: Sendable, Encodable {
  enum State: String, Sendable, Encodable, CaseIterable {
    /// Everything was derived again and agrees.
    case same
    /// Something that was derived again does not agree.
    case differs
    /// The video cannot be opened any more.
    case missing
    /// The file is not the one that was scanned: its SHA-256 is another.
    case changed
    /// It could not be derived again; the differences say why.
    case unchecked
    /// The row has no verdict, and the file is still the same.
    case noVerdict = "no_verdict"
  }

  /// Something that the row says, beside what it should say.
  struct Difference: Sendable, Encodable {
    var what: String
    var recorded: String
    var derived: String
  }

  let path: VideoPath
  var state: State
  var differences: [Difference] = []

  private enum CodingKeys: String, CodingKey { case state, differences }

  func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(state, forKey: .state)
    try container.encode(differences, forKey: .differences)
  }
}

/// What verifying a manifest showed.
package struct VerifySummary: Sendable, Encodable {
  package let manifest: String
  /// Rows in it, and rows that were verified.
  package let videos: Int
  let checked: Int
  let counts: [String: Int]
  /// Those that are neither the same nor without a verdict, sorted by path.
  let details: [VideoCheck]

  init(manifest: String, videos: Int, checks: [VideoCheck]) {
    self.manifest = manifest
    self.videos = videos
    checked = checks.count
    counts = Dictionary(
      uniqueKeysWithValues: VideoCheck.State.allCases.map { state in
        (state.rawValue, checks.count { $0.state == state })
      })
    details = checks.filter { $0.state != .same && $0.state != .noVerdict }.sorted { $0.path < $1.path }
  }

  /// 2 when something differs, 3 when nothing does and some could not be verified, otherwise 0.
  package var exitCode: Int32 {
    if counts["differs", default: 0] > 0 { return 2 }
    return details.isEmpty ? 0 : 3
  }

  package var text: String {
    let lines = details.flatMap { check in
      let path = Terminal.harmless(check.path.text)
      guard !check.differences.isEmpty else { return ["\(path): \(check.state.rawValue)"] }
      return check.differences.map { difference in
        "\(path): \(check.state.rawValue): \(difference.what) recorded \(difference.recorded), derived "
          + difference.derived
      }
    }
    let counted = VideoCheck.State.allCases.compactMap { state -> String? in
      counts[state.rawValue].flatMap { $0 > 0 ? "\($0) \(state.rawValue.replacing("_", with: " "))" : nil }
    }
    let total = "\(checked) of \(videos) videos verified" + (counted.isEmpty ? "" : ": ")
    return (lines + [total + counted.joined(separator: ", ")]).joined(separator: "\n")
  }

  package func json() throws -> String { try readableJSON(self) }
}
