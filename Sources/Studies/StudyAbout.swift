package import Runs

/// What a study is, in words: for `assay study list`, for its page and for the check of its settings.
package struct StudyAbout: Sendable {
  /// One setting of a study's file.
  package struct Setting: Sendable {
    package let name: String
    /// What it decides, in one line.
    package let summary: String

    init(_ name: String, _ summary: String) {
      self.name = name
      self.summary = summary
    }
  }

  /// As commands and files call it.
  package let name: String
  package let title: String
  package let question: String
  /// What stands behind the name on the command line, for example `CROPS`.
  package let inputs: String
  /// All settings; a file gives each of them, for each scale.
  package let settings: [Setting]

  /// - Throws: `WorkflowError.settings` that names a setting which is missing or unknown.
  package func check(_ settings: StudySettings) throws(WorkflowError) {
    let known = Set(self.settings.map(\.name))
    if let unknown = settings.values.keys.sorted().first(where: { !known.contains($0) }) {
      throw .settings(
        "the study '\(name)' has no setting '\(unknown)'; it has \(self.settings.map(\.name).joined(separator: ", "))")
    }
    if let missing = self.settings.first(where: { settings.values[$0.name] == nil }) {
      throw .settings(
        "the study '\(name)' needs the setting '\(missing.name)' (\(missing.summary)): name it in the "
          + "study's file or with --set \(missing.name)=…")
    }
  }
}
