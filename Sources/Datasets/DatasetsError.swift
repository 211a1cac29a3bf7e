import Files

/// What can go wrong with labelled data and crop sets.
public enum DatasetsError: Error, Sendable, Hashable {
  /// A file or folder that cannot be read or written; `problem` says why.
  case file(path: String, problem: String)
  /// A folder in no known layout.
  case unknownLayout(path: String)
  /// A table, metadata or crop set file that violates its format; `line` counts from 1.
  case format(path: String, line: Int?, problem: String)
  /// The same source in two parts of a split.
  case leakage([DatasetProblem])
  /// A crop set with other face-crop settings.
  case otherCropSet(path: String, problem: String)
  /// A crop set whose crops are too tight or too small for a network's view.
  case view(path: String, problem: String)
  /// A split that cannot be made from these items.
  case split(String)

  /// The error of a file that cannot be encoded or written.
  static func unwritable(path: String, _ error: any Error) -> DatasetsError {
    .file(path: path, problem: "cannot be written: \((error as? FilesError)?.reason ?? "\(error)")")
  }
}

extension DatasetsError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .file(let path, let problem): "\(path): \(problem)"
    case .unknownLayout(let path):
      "\(path): no known layout of labelled data; it may be a DFDC folder with metadata.json, a FaceForensics++ tree "
        + "with original_sequences/, folders real/ and fake/, train/ and test/ that hold real/ and fake/ or youtube/ and method folders, or a "
        + "CSV file with the columns path,label,group"
    case .format(let path, let line, let problem):
      "\(path)\(line.map { ", line \($0)" } ?? ""): \(problem)"
    case .leakage(let problems):
      "the same source is in two parts of the split; assign it to one part, or allow it with --allow-leakage:\n"
        + problems.table()
    case .otherCropSet(let path, let problem):
      "\(path): \(problem); choose another folder, or delete this one to extract the crops again"
    case .view(let path, let problem): "\(path) \(problem)"
    case .split(let problem): problem
    }
  }
}
