/// Settings of `assay report`.
public struct ReportOptions: Sendable {
  /// The output folder of a scan.
  public var run: String
  /// The page; nil puts `report.html` into the run's folder.
  public var output: String?
  /// The model that the run was made with; nil takes the built-in one.
  public var modelPath: String?
  /// Videos that get pictures, at most.
  public var pictures = 200
  /// Videos that are judged real get pictures too, behind the others.
  public var includesReal = false
  /// Cuts the suspicious segments of the videos that get pictures.
  public var clips = false
  /// Processes and threads that make pictures.
  public var workers = 2
  public var quiet = false

  public init(run: String) {
    self.run = run
  }

  var outputPath: String { output ?? run + "/report.html" }
}

/// What became of a report.
public struct ReportSummary: Sendable {
  public let path: String
  public let bytes: Int
  public let videos: Int
  /// Videos with pictures, and the clips that were cut.
  public let pictured: Int
  public let clips: Int
  /// What is not in the page, in sentences.
  public let notes: [String]
  public let interruptedBy: Int32?

  /// For people.
  public var text: String {
    let size =
      bytes < 1_000_000
      ? "\(bytes / 1000) kB" : "\((bytes + 50_000) / 100_000 / 10).\((bytes + 50_000) / 100_000 % 10) MB"
    let cut = clips > 0 ? ", \(clips) clips" : ""
    return (["report: \(path) (\(size); \(videos) videos, \(pictured) with pictures\(cut))"] + notes)
      .joined(separator: "\n")
  }
}
