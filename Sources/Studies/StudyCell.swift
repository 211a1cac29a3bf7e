import Runs

/// What cells differ in, such as the seed. A study declares its factors, so a misspelt one does not compile.
struct StudyFactor: Sendable, Hashable {
  let name: String

  init(_ name: String) { self.name = name }
}

extension StudyFactor {
  static let amount = StudyFactor("amount")
  static let arm = StudyFactor("arm")
  static let attack = StudyFactor("attack")
  static let axis = StudyFactor("axis")
  static let epsilon = StudyFactor("epsilon")
  static let frames = StudyFactor("frames")
  static let gradients = StudyFactor("gradients")
  static let model = StudyFactor("model")
  static let network = StudyFactor("network")
  static let norm = StudyFactor("norm")
  static let run = StudyFactor("run")
  static let seed = StudyFactor("seed")
  static let share = StudyFactor("share")
  static let step = StudyFactor("step")
}

/// A number for each item of a cell, such as the score of each crop. A study declares its columns, so a misspelt one does
/// not compile.
struct StudyColumn: Sendable, Hashable {
  let name: String

  init(_ name: String) { self.name = name }
}

extension StudyColumn {
  /// Probabilities of the true class, before and after an attack.
  static let before = StudyColumn("before")
  static let after = StudyColumn("after")
  /// Mean logits of encoded clips, clean and attacked; in trials, 1 for a crop that is classified correctly.
  static let clean = StudyColumn("clean")
  static let attacked = StudyColumn("attacked")
  /// Position in the crop set, and in the list of videos.
  static let crop = StudyColumn("crop")
  static let video = StudyColumn("video")
  static let frames = StudyColumn("frames")
  static let logit = StudyColumn("logit")
  static let milliseconds = StudyColumn("milliseconds")
  /// Logits of crops of another set.
  static let other = StudyColumn("other")
  static let psnr = StudyColumn("psnr")
  static let queries = StudyColumn("queries")
  /// 1 for a crop that was classified correctly before the attack.
  static let correct = StudyColumn("right")
  /// 1 for a crop that is classified correctly under attack.
  static let robust = StudyColumn("robust")
  static let score = StudyColumn("score")
  static let ssim = StudyColumn("ssim")
  static let track = StudyColumn("track")
  /// 1 for a crop that the attack flipped.
  static let flipped = StudyColumn("turned")
}

/// One experiment of a study, identified by its factors, such as arm, seed and budget.
package struct StudyCell: Sendable, Hashable, Codable {
  struct Factor: Sendable, Hashable, Codable {
    var name: String
    var value: String
  }

  var factors: [Factor]

  init(_ factors: KeyValuePairs<StudyFactor, String>) {
    self.factors = factors.map { Factor(name: $0.key.name, value: $0.value) }
  }

  /// - Precondition: the cell has the factor.
  subscript(factor: StudyFactor) -> String {
    guard let value = value(of: factor.name) else { preconditionFailure("the cell \(text) has no '\(factor.name)'") }
    return value
  }

  /// The value of the factor of a name, if the cell has it.
  func value(of name: String) -> String? { factors.first { $0.name == name }?.value }

  /// One-line description for progress and errors.
  package var text: String { factors.map { "\($0.name) \($0.value)" }.joined(separator: ", ") }

  /// File name stem for the cell's files.
  var fileName: String {
    let text = factors.map(\.value).joined(separator: "-")
    return String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-.=".contains($0)) ? $0 : "_" })
  }
}

/// Result of one cell, small enough to keep thousands in one file.
package struct StudyRecord: Sendable, Codable {
  var cell: StudyCell
  /// Metrics of the whole cell; unavailable ones are omitted.
  package var values: [String: Double] = [:]
  /// By name, all in one order of the items: comparisons are paired by it.
  private var columns: [String: [Double]] = [:]
  var notes: [String: String] = [:]
  /// Wall time of the cell.
  package var seconds = 0.0

  init(_ cell: StudyCell) {
    self.cell = cell
  }

  mutating func set(_ columns: [StudyColumn: [Double]]) {
    for (column, values) in columns { self.columns[column.name] = values }
  }

  /// - Throws: `WorkflowError.settings` when the record, which may come from the journal of an earlier version, lacks it.
  func column(_ column: StudyColumn) throws(WorkflowError) -> [Double] {
    guard let values = columns[column.name] else {
      throw .settings("the finished cell \(cell.text) has no column '\(column.name)': start over with --restart")
    }
    return values
  }
}
