import Files

/// `submission.csv` as DFDC's scoring wants it: `filename,label`, the label being P(fake).
///
/// File names stand as they are, without protection from spreadsheets: programs match them.
struct SubmissionCSV {
  static var header: [UInt8] {
    var row = CSVRow()
    row.add(exact: "filename")
    row.add(exact: "label")
    return row.bytes
  }

  /// Label of a video without a score; nil leaves the cell empty.
  private let missingLabel: Double?
  private let sharedNames: Set<VideoPath>

  /// - Parameter paths: of all rows: a name that several of them have is written with its folders.
  init(paths: some Sequence<VideoPath>, missingLabel: Double?) {
    self.missingLabel = missingLabel
    var seen: Set<VideoPath> = []
    var shared: Set<VideoPath> = []
    for path in paths where !seen.insert(path.fileName).inserted { shared.insert(path.fileName) }
    sharedNames = shared
  }

  func row(_ record: VideoRecord) -> [UInt8] {
    let path = record.source.path
    let name = sharedNames.contains(path.fileName) ? path : path.fileName
    var row = CSVRow()
    row.add(exact: name.percentEncoded ?? name.text)
    row.add(record.finding.score ?? missingLabel)
    return row.bytes
  }
}
