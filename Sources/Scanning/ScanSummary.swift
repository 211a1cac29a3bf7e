import Files
import Foundation
import Runs
package import Verdicts

/// Result of a scan.
package struct ScanSummary: Sendable {
  package let header: RunHeader
  package let rows: [VerdictTable.Row]
  package let rowsLeftOut: Int
  package let folder: String
  package let skipped: [String]
  package let seconds: Double
  /// The signal that interrupted the scan; nil if it was not interrupted.
  package let interruptedBy: Int32?
  /// Result of exporting flagged videos; nil if not requested.
  package internal(set) var export: ExportSummary?

  package init(
    header: RunHeader,
    rows: [VerdictTable.Row],
    rowsLeftOut: Int,
    folder: String,
    skipped: [String],
    seconds: Double,
    interruptedBy: Int32?,
    export: ExportSummary? = nil
  ) {
    self.header = header
    self.rows = rows
    self.rowsLeftOut = rowsLeftOut
    self.folder = folder
    self.skipped = skipped
    self.seconds = seconds
    self.interruptedBy = interruptedBy
    self.export = export
  }

  /// The verdicts as a table, the counts, and the folder of the manifests.
  package var table: String {
    let environment = ProcessInfo.processInfo.environment
    // As on no-color.org.
    let isTerminal = isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty
    var text = VerdictTable(rows: shownRows, width: terminalWidth(), hasColours: isTerminal).text
    if rowsLeftOut > 0 { text += "… and \(rowsLeftOut) more in the manifest\n" }
    if !rows.isEmpty { text += "\n" }
    text += header.counts.line + String(format: " in %.1f s", seconds)
    if header.counts.videos > 0 {
      text += "\nthresholds: " + header.context.thresholds.line
      if let card = header.modelCard { text += "\n" + card.scoreLine }
    }
    if let canaries = header.canaries { text += "\n" + canaries.line }
    if let export { text += "\n" + export.line }
    for failure in header.folderFailures { text += "\n" + failure.text }
    for note in skipped { text += "\n" + note }
    if header.counts.videos == 0, header.leftOut.total == 0, header.folderFailures.isEmpty {
      text += "\nthe inputs hold no files"
    }
    if interruptedBy != nil { text += "\ninterrupted: the manifest holds the videos that were finished" }
    return text + "\nmanifests: \(folder)/manifest.json  .jsonl  .csv, submission.csv"
  }

  /// The rows with paths relative to the working directory where they are below it.
  private var shownRows: [VerdictTable.Row] {
    let here = Array((FileManager.default.currentDirectoryPath + "/").utf8)
    return rows.map { row in
      guard row.path.bytes.starts(with: here) else { return row }
      var row = row
      row.path = VideoPath(Array(row.path.bytes.dropFirst(here.count)))
      return row
    }
  }

  /// Writes header and rows as JSON to standard output, one line each; the rows are those of `manifest.jsonl`.
  package func printJSON(header isHeaderWanted: Bool, rows areRowsWanted: Bool) throws {
    func write(_ line: Data) { FileHandle.standardOutput.write(line + [UInt8(ascii: "\n")]) }
    if isHeaderWanted { write(Data(try JSONEncoder.sorted.text(header).utf8)) }
    guard areRowsWanted else { return }
    let path = folder + "/manifest.jsonl"
    let lines: [Data]
    do { lines = try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n")) } catch {
      throw WorkflowError.input(path: path, why: explanation(of: error))
    }
    for line in lines { write(line) }
  }

  /// Number of videos without a verdict, and of folders that could not be read.
  package var failed: Int { header.counts.count(.failed) + header.folderFailures.count }

  /// Number of videos with this verdict.
  package func count(of verdict: Verdict) -> Int { header.counts.count(verdict) }

  /// `$COLUMNS`, or the terminal's; in a pipe or a file nothing is cut.
  private func terminalWidth() -> Int {
    guard isatty(STDOUT_FILENO) == 1 else { return 1 << 20 }
    if let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
    return Int(size.ws_col)
  }
}
