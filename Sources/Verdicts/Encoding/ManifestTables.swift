import Files

/// The CSV manifests as they follow from rows, for comparison with files.
public enum ManifestTables {
  public struct Rows: Sendable {
    public let heading: [UInt8]
    public let rows: [Row]
  }

  public struct Row: Sendable {
    public let path: VideoPath
    /// Without its line end.
    public let line: [UInt8]
    /// Whether the line may go on with a number.
    public let isOpen: Bool
  }

  /// `manifest.csv`.
  public static func csv(_ records: [VideoRecord]) -> Rows {
    Rows(
      heading: withoutEnd(ManifestCSV.table.csvHeading),
      rows: records.map {
        Row(path: $0.source.path, line: withoutEnd(ManifestCSV.table.csvLine($0)), isOpen: false)
      })
  }

  /// `submission.csv`.
  public static func submission(_ records: [VideoRecord]) -> Rows {
    let labels = SubmissionCSV(paths: records.map(\.source.path), missingLabel: nil)
    return Rows(
      heading: withoutEnd(SubmissionCSV.header),
      rows: records.map {
        Row(path: $0.source.path, line: withoutEnd(labels.row($0)), isOpen: $0.finding.score == nil)
      })
  }

  /// The records of a CSV file without their line ends; line breaks within quotes do not end one.
  public static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var line: [UInt8] = []
    var isQuoted = false
    for byte in bytes {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if byte == UInt8(ascii: "\n"), !isQuoted {
        lines.append(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
        line = []
      } else {
        line.append(byte)
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }

  private static func withoutEnd(_ line: [UInt8]) -> [UInt8] { Array(line.dropLast(2)) }
}
