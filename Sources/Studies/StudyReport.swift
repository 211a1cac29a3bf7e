import Decoder
import Files
import Foundation
import Reports
import Runs
import Verdicts

/// Writes the files of a finished study: CSV tables, plots and an HTML page.
struct StudyReport {
  let about: StudyAbout
  let identity: StudyIdentity
  let records: [StudyRecord]
  let findings: StudyFindings

  /// Writes `cells.csv`, `results.csv`, the plots and `index.html`.
  ///
  /// - Throws: `WorkflowError.output` when the folder cannot be written.
  func write(to folder: String) throws {
    var files = [
      ("cells.csv", cells()), ("results.csv", Self.resultsTable.csv(findings.figures)),
      ("index.html", Array(try page().html().utf8)),
    ]
    files += findings.plots.map { ("\($0.name).svg", Array($0.plot.svg().utf8)) }
    for (name, bytes) in files { try writeOutput(bytes, to: "\(folder)/\(name)") }
  }

  /// One row per cell: factors, metrics and time.
  private func cells() -> [UInt8] {
    var factors: [String] = []
    for name in records.flatMap({ $0.cell.factors.map(\.name) }) where !factors.contains(name) { factors.append(name) }
    let values = Set(records.flatMap(\.values.keys)).sorted()
    let notes = Set(records.flatMap(\.notes.keys)).sorted()
    var heading = CSVRow()
    for name in factors + values + notes + ["wall_seconds"] { heading.add(untrusted: name) }
    return records.reduce(into: heading.bytes) { bytes, record in
      var row = CSVRow()
      for name in factors { row.add(untrusted: record.cell.value(of: name) ?? "") }
      for name in values { row.add(record.values[name]) }
      for name in notes { row.add(untrusted: record.notes[name] ?? "") }
      row.add(record.seconds)
      bytes += row.bytes
    }
  }

  private static let resultsTable = Table<StudyFigure>([
    .untrusted("subject") { $0.subject },
    .untrusted("figure") { $0.name },
    .number("value") { $0.value },
    .number("lower") { $0.lower },
    .number("upper") { $0.upper },
    .count("count") { $0.count },
    .text("unit") { $0.unit },
    .text("interval_over") { $0.over },
  ])

  private func page() -> HTMLPage {
    var page = HTMLPage(title: about.title, summary: about.question)
    var answer = HTMLPage.Section("Answer")
    answer.paragraphs = [findings.answer] + (findings.shortage.map { [$0] } ?? [])
    var method = HTMLPage.Section("Method")
    method.paragraphs = findings.method
    page.sections = [answer, method]
    for table in findings.tables {
      var section = HTMLPage.Section(table.title)
      if !table.note.isEmpty { section.paragraphs = [table.note] }
      section.tables = [HTMLPage.Table(heading: table.heading, rows: table.rows)]
      page.sections.append(section)
    }
    if !findings.plots.isEmpty {
      var plots = HTMLPage.Section("Plots")
      plots.plots = findings.plots.map { $0.plot.svg() }
      page.sections.append(plots)
    }
    if !findings.pictures.isEmpty {
      var pictures = HTMLPage.Section("Pictures")
      if !findings.pictureNote.isEmpty { pictures.paragraphs = [findings.pictureNote] }
      pictures.pictures = findings.pictures
      pictures.columns = findings.pictureColumns
      page.sections.append(pictures)
    }
    var limits = HTMLPage.Section("Limits")
    limits.paragraphs = findings.limits
    page.sections += [limits, settings()]
    return page
  }

  private func settings() -> HTMLPage.Section {
    var section = HTMLPage.Section("Settings")
    let minutes = records.reduce(0) { $0 + $1.seconds } / 60
    section.paragraphs = [
      "Scale \(identity.scale.rawValue), seed \(identity.seed), Assay \(identity.assayVersion), \(counted(records.count, "cells")) in "
        + String(format: "%.1f", minutes) + " minutes on \(identity.machine.workers) threads of "
        + "\(identity.machine.processor) (\(identity.machine.cores) cores)."
    ]
    let meanings = Dictionary(about.settings.map { ($0.name, $0.summary) }) { $1 }
    section.tables = [
      HTMLPage.Table(
        heading: ["Setting", "Value", "Meaning"],
        rows: identity.settings.values.sorted { $0.key < $1.key }.map {
          [$0.key, $0.value.joined(separator: ", "), meanings[$0.key] ?? ""]
        }),
      HTMLPage.Table(
        heading: ["Data or model", "Path", "SHA-256"],
        rows: identity.sources.map { [$0.name, $0.path, String($0.sha256.prefix(16))] }),
    ]
    return section
  }
}
