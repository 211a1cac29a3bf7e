/// Settings of `assay report`.
package struct ReportOptions: Sendable {
  /// The output folder of a scan.
  package var run: String
  /// The page; nil puts `report.html` into the run's folder.
  package var output: String?
  /// The model that the run was made with; nil takes the built-in one.
  package var modelPath: String?
  /// Videos that get pictures, at most.
  package var pictures = 200
  /// Videos that are judged real get pictures too, behind the others.
  package var includesReal = false
  /// Cuts the suspicious segments of the videos that get pictures.
  package var clips = false
  /// Processes and threads that make pictures.
  package var workers = 2
  package var quiet = false

  package init(run: String) {
    self.run = run
  }

  var outputPath: String { output ?? run + "/report.html" }
}

/// What became of a report.
package struct ReportSummary: Sendable {
  package let path: String
  package let bytes: Int
  package let videos: Int
  /// Videos with pictures, and the clips that were cut.
  package let pictured: Int
  package let clips: Int
  /// What is not in the page, in sentences.
  package let notes: [String]
  package let interruptedBy: Int32?

  /// For people.
  package var text: String {
    let size =
      bytes < 1_000_000
      ? "\(bytes / 1000) kB" : "\((bytes + 50_000) / 100_000 / 10).\((bytes + 50_000) / 100_000 % 10) MB"
    let cut = clips > 0 ? ", \(clips) clips" : ""
    return (["report: \(path) (\(size); \(videos) videos, \(pictured) with pictures\(cut))"] + notes)
      .joined(separator: "\n")
  }
}
