package import Runs

/// Description of a study, used by `assay study list`, by its HTML page and to validate its settings.
package struct StudyAbout: Sendable {
  /// One setting in a study's file.
  package struct Setting: Sendable {
    package let name: String
    /// One-line description.
    package let summary: String

    init(_ name: String, _ summary: String) {
      self.name = name
      self.summary = summary
    }
  }

  /// Name in commands and files.
  package let name: String
  package let title: String
  package let question: String
  /// Placeholder for the inputs in the command's usage, for example `CROPS`.
  package let inputs: String
  /// All settings; the file must set each of them for every scale.
  package let settings: [Setting]

  /// - Throws: `WorkflowError.settings` naming a missing or unknown setting.
  package func check(_ settings: StudySettings) throws(WorkflowError) {
    let known = Set(self.settings.map(\.name))
    if let unknown = settings.values.keys.sorted().first(where: { !known.contains($0) }) {
      throw .usage(
        "the study '\(name)' has no setting '\(unknown)'; it has \(self.settings.map(\.name).joined(separator: ", "))")
    }
    if let missing = self.settings.first(where: { settings.values[$0.name] == nil }) {
      throw .usage(
        "the study '\(name)' needs the setting '\(missing.name)' (\(missing.summary)): name it in the "
          + "study's file or with --set \(missing.name)=…")
    }
  }
}
