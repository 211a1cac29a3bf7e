import Files
import Foundation
import Runs

/// Extent of a study: each study file has settings for both.
package enum StudyScale: String, Sendable, Codable, CaseIterable {
  /// Within 20 minutes on 2 cores.
  case small
  /// As long as narrow intervals need.
  case full
}

/// Settings of `assay study`.
package struct StudyOptions: Sendable {
  /// A name in `StudyCatalog`.
  package var study: String
  package var inputs: [String]
  package var output: String
  /// Recorded with the run; the settings themselves are in `settings`.
  package var scale = StudyScale.small
  package var settings = StudySettings()
  /// Model files or built-in models; empty for the study's default.
  package var models: [String] = []
  package var splitPath: String?
  package var seed: UInt64 = 1
  package var workers = 2
  /// Whether to remove an earlier run from the output folder.
  package var restart = false
  package var quiet = false

  package init(_ study: String, inputs: [String], output: String) {
    self.study = study
    self.inputs = inputs
    self.output = output
  }
}

/// Result of a study run.
package struct StudySummary: Sendable {
  let about: StudyAbout
  /// Nil when the run was interrupted.
  let findings: StudyFindings?
  let finished: Int
  let cells: Int
  package let folder: String
  package let interruptedBy: Int32?

  /// Question, answer and tables as text.
  package var text: String {
    guard let findings else {
      return "interrupted after \(finished) of \(cells) cells: start it again to resume"
    }
    let tables = findings.tables.map { "\($0.title)\n" + alignedTable(heading: $0.heading, rows: $0.rows) }
    let shortage = findings.shortage.map { $0 + "\n" } ?? ""
    return "\(about.question)\n\(findings.answer)\n\(shortage)\n" + tables.joined(separator: "\n")
      + "\n\(counted(cells, "cells")); page: \(folder)/index.html"
  }

  /// The complete result as JSON.
  package func json() throws -> String {
    struct Document: Encodable {
      var study: String
      var question: String
      var answer: String?
      var figures: [StudyFigure]
      var tables: [StudyFindings.Table]
      var limits: [String]
      var cells: Int
      var finished: Int
      var folder: String
    }
    return try readableJSON(
      Document(
        study: about.name, question: about.question, answer: findings?.answer, figures: findings?.figures ?? [],
        tables: findings?.tables ?? [], limits: findings?.limits ?? [], cells: cells, finished: finished,
        folder: folder))
  }
}

/// Runs the missing cells of a study and writes the results of all cells.
///
/// - Throws: `WorkflowError` that states the remedy; errors of training, attacks and scans.
package func runStudy(_ options: StudyOptions) throws -> StudySummary {
  guard let type = StudyCatalog[options.study] else {
    throw WorkflowError.settings(
      "there is no study '\(options.study)'; there are \(StudyCatalog.names.joined(separator: ", "))")
  }
  return try runStudy(of: type, options)
}

/// Runs a study whether or not it is in the catalogue.
package func runStudy(of type: any Study.Type, _ options: StudyOptions) throws -> StudySummary {
  try type.about.check(options.settings)
  guard !type.trainsNetworks || options.models.isEmpty else {
    throw WorkflowError.settings(
      "the study '\(type.about.name)' trains its own networks: omit --models")
  }
  let lock = try OutputLock(folder: options.output)
  defer { withExtendedLifetime(lock) {} }
  var study = try type.init(
    StudyRequest(
      settings: options.settings, inputs: options.inputs, models: options.models, splitPath: options.splitPath,
      seed: options.seed))
  let identity = try StudyIdentity(study, options)
  var journal = try StudyJournal(folder: options.output, identity: identity, restart: options.restart)
  let interruption = Interruption.shared
  interruption.install()
  let bench = StudyBench(
    folder: "\(options.output)/\(StudyJournal.workName)", workers: options.workers, interruption: interruption)
  func summary(_ findings: StudyFindings?, finished: Int, of cells: Int) -> StudySummary {
    StudySummary(
      about: type.about, findings: findings, finished: finished, cells: cells, folder: options.output,
      interruptedBy: interruption.signal)
  }
  try study.prepare(bench)
  guard !interruption.isRequested else { return summary(nil, finished: 0, of: 0) }
  let cells = try study.cells()
  let missing = cells.filter { journal[$0] == nil }
  // Only missing cells count: the duration of earlier cells does not predict theirs.
  let progress = ProgressLine(unit: "cells", total: missing.count, quiet: options.quiet)
  defer { progress.finish() }
  for (number, cell) in missing.enumerated() where !interruption.isRequested {
    progress.set(done: number, note: cell.text)
    let begin = monotonicSeconds()
    guard var record = try study.run(cell, bench) else { break }
    record.seconds = monotonicSeconds() - begin
    try journal.append(record)
  }
  let records = cells.compactMap { journal[$0] }
  guard records.count == cells.count else { return summary(nil, finished: records.count, of: cells.count) }
  progress.finish()
  let findings = try study.findings(records, bench)
  try StudyReport(about: type.about, identity: identity, records: records, findings: findings)
    .write(to: options.output)
  return summary(findings, finished: cells.count, of: cells.count)
}
