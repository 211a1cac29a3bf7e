/// The verdicts as an aligned plain-text table for a terminal.
public struct VerdictTable: Sendable {
  /// One row; small, so that a long run can keep all rows in memory.
  public struct Row: Sendable, Hashable {
    public var path: VideoPath
    public let verdict: Verdict
    public let score: Double?
    public let tracks: Int
    public let framesWithFaces: Int
    public let framesDecoded: Int
    public let note: String

    public init(_ record: VideoRecord) {
      path = record.source.path
      verdict = record.finding.verdict
      score = record.finding.score
      tracks = record.finding.tracks.count
      framesWithFaces = record.content.frames.withFaces
      framesDecoded = record.content.frames.decoded
      let reason = record.finding.reason.map { reason in
        record.finding.message.map { "\(reason.rawValue): \($0)" } ?? reason.rawValue
      }
      note =
        ([reason, record.perturbationText, record.margin?.text, record.recompression?.text].compactMap(\.self)
        // Every row of a run has these; the summary says them once.
        + record.warnings.filter { $0.code != .cropSettings }.map(\.message))
        .joined(separator: "; ")
    }
  }

  /// In display order.
  public var rows: [Row]
  /// Terminal width in columns; paths and notes are shortened to fit, but never below a readable length.
  public var width: Int
  /// Whether verdicts are coloured with ANSI escape sequences.
  public var hasColours: Bool

  public init(rows: [Row], width: Int = 100, hasColours: Bool = false) {
    self.rows = rows
    self.width = width
    self.hasColours = hasColours
  }

  /// The table with its heading; each line ends with a line feed. Empty without rows.
  public var text: String {
    guard !rows.isEmpty else { return "" }
    let numbers = rows.map { [Self.score($0), String($0.tracks), "\($0.framesWithFaces)/\($0.framesDecoded)"] }
    let headings = ["SCORE", "TRACKS", "FRAMES"]
    let widths = headings.indices.map { column in
      (numbers.map { $0[column].count } + [headings[column].count]).max() ?? 0
    }
    let verdictWidth = Verdict.allCases.map(\.shortPhrase.count).max() ?? 0
    let fixed = verdictWidth + widths.reduce(0, +) + 2 * (widths.count + 2)
    let paths = rows.map { Terminal.harmless($0.path.text) }
    let longestPath = max(4, paths.map(\.count).max() ?? 0)
    let hasNotes = rows.contains { !$0.note.isEmpty }
    let room = max(24, width - fixed)
    let pathWidth = min(longestPath, hasNotes ? max(16, room * 3 / 5) : room)
    let noteWidth = max(16, width - fixed - pathWidth)

    func line(_ path: String, _ verdict: String, _ cells: [String], _ note: String) -> String {
      let aligned = zip(cells, widths).map { Terminal.padded($0, $1, toTheLeft: true) }
      let parts = [Terminal.padded(path, pathWidth), verdict] + aligned + [note]
      return Terminal.withoutTrailingBlanks(parts.joined(separator: "  ")) + "\n"
    }
    var text = line("PATH", Terminal.padded("VERDICT", verdictWidth), headings, hasNotes ? "NOTE" : "")
    for (index, row) in rows.enumerated() {
      let verdict = Terminal.padded(row.verdict.shortPhrase, verdictWidth)
      text += line(
        Terminal.elided(paths[index], pathWidth), hasColours ? Self.coloured(verdict, row.verdict) : verdict,
        numbers[index], Terminal.cut(Terminal.harmless(row.note), noteWidth))
    }
    return text
  }

  /// Three decimals, truncated rather than rounded: 0.9996 must not look like certainty, nor 0.4999 like one half.
  private static func score(_ row: Row) -> String {
    guard let score = row.score else { return "-" }
    let thousandths = String(Int(score * 1000 + 1e-9))
    return score >= 1 ? "1.000" : "0." + String(repeating: "0", count: 3 - thousandths.count) + thousandths
  }

  private static func coloured(_ text: String, _ verdict: Verdict) -> String {
    let colour: Int
    switch verdict {
    case .fake: colour = 31
    case .undecided: colour = 33
    case .noFace, .failed: colour = 90
    // No colour: green would promise that the video is authentic.
    case .real: return text
    }
    return "\u{1B}[\(colour)m\(text)\u{1B}[0m"
  }
}
