package import Runs

/// Settings of `assay report`.
package struct ReportOptions: Sendable {
  /// The output folder of a scan.
  package var run: String
  /// Path of the page; nil for `report.html` in the run's folder.
  package var output: String?
  /// The model of the run; nil for the built-in one.
  package var modelPath: String?
  /// Maximum number of videos with pictures.
  package var pictures = 200
  /// Whether videos judged real get pictures too, after the others.
  package var includesReal = false
  /// Whether to cut clips of the suspicious segments of videos with pictures.
  package var clips = false
  /// Number of processes and threads that create pictures.
  package var workers = 2
  package var quiet = false
  /// Folders that were moved since the scan.
  package var moves = MovedRoots()

  package init(run: String) {
    self.run = run
  }

  var outputPath: String { output ?? run + "/report.html" }
}

/// Result of a report.
package struct ReportSummary: Sendable {
  package let path: String
  package let bytes: Int
  package let videos: Int
  /// Videos with pictures, and number of clips.
  package let pictured: Int
  package let clips: Int
  /// Notes on what the page omits.
  package let notes: [String]
  package let interruptedBy: Int32?

  /// The summary as text.
  package var text: String {
    let size =
      bytes < 1_000_000
      ? "\(bytes / 1000) kB" : "\((bytes + 50_000) / 100_000 / 10).\((bytes + 50_000) / 100_000 % 10) MB"
    let cut = clips > 0 ? ", \(clips) clips" : ""
    return (["report: \(path) (\(size); \(counted(videos, "videos")), \(pictured) with pictures\(cut))"] + notes)
      .joined(separator: "\n")
  }
}
