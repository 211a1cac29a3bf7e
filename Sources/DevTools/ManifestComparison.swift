import Foundation
import Verdicts

/// The manifest of a scan of the samples beside the one that is expected, video by video.
///
/// Verdicts, tracks and warnings have to agree; scores may differ by what another build of the encoder or another
/// processor changes.
struct ManifestComparison {
  static let scoreTolerance = 0.02

  let text: String
  let isEqual: Bool

  /// - Throws: `DevToolsError.manifestNotRead`.
  init(expected: URL, found: URL) throws(DevToolsError) {
    let expectedRows = try Self.rows(of: expected)
    let foundRows = try Self.rows(of: found)
    let names = Set(expectedRows.keys).union(foundRows.keys).sorted()
    var lines = [Self.line("SAMPLE", "EXPECTED", "FOUND", "")]
    var isEqual = true
    for name in names {
      let same = Self.agree(expectedRows[name], foundRows[name])
      isEqual = isEqual && same
      lines.append(
        Self.line(name, Self.words(expectedRows[name]), Self.words(foundRows[name]), same ? "ok" : "DIFFERS"))
    }
    text = lines.joined(separator: "\n")
    self.isEqual = isEqual
  }

  private static func rows(of file: URL) throws(DevToolsError) -> [String: VideoRecord] {
    do {
      let manifest = try JSONDecoder().decode(Manifest.self, from: try Data(contentsOf: file))
      return Dictionary(manifest.videos.map { ($0.source.path.fileName.text, $0) }) { first, _ in first }
    } catch {
      throw .manifestNotRead(path: file.path, reason: "\(error)")
    }
  }

  private static func agree(_ expected: VideoRecord?, _ found: VideoRecord?) -> Bool {
    guard let expected, let found else { return false }
    let scores = (expected.finding.score, found.finding.score)
    let isScoreNear = scores.0.map { a in scores.1.map { abs(a - $0) <= scoreTolerance } ?? false } ?? (scores.1 == nil)
    return isScoreNear && expected.finding.verdict == found.finding.verdict
      && expected.finding.tracks.count == found.finding.tracks.count
      && expected.warnings.map(\.code) == found.warnings.map(\.code)
  }

  private static func words(_ record: VideoRecord?) -> String {
    guard let record else { return "missing" }
    let score = record.finding.score.map { String(format: " %.3f", $0) } ?? ""
    let warnings = record.warnings.map { " (\($0.code.rawValue))" }.joined()
    return record.finding.verdict.rawValue + score + warnings
  }

  private static func line(_ cells: String...) -> String {
    let widths = [16, 28, 28, 0]
    return zip(cells, widths).map { $0.padding(toLength: max($1, $0.count), withPad: " ", startingAt: 0) }
      .joined(separator: "  ")
  }
}
