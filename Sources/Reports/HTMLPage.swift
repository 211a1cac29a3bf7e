import Mustache

/// A self-contained HTML page of tables, plots and pictures, for screen and print.
public struct HTMLPage: Sendable {
  /// A section of the page with a heading.
  public struct Section: Sendable {
    public var heading: String
    public var paragraphs: [String] = []
    public var tables: [Table] = []
    /// SVG documents, from `Plot.svg`.
    public var plots: [String] = []
    public var pictures: [Picture] = []
    /// Pictures per row; nil: as many as fit.
    public var columns: Int?

    public init(_ heading: String) {
      self.heading = heading
    }

    /// What a reader meets in it, apart from the numbers.
    fileprivate var texts: [String] {
      [heading] + paragraphs + plots.map { $0.replacing(#/<[^>]*>/#, with: " ") }
        + tables.map(\.withoutEmptyColumns).flatMap { $0.heading + $0.rows.compactMap(\.first) }
    }
  }

  public struct Table: Sendable {
    public var heading: [String]
    /// The first cell of a row is its header.
    public var rows: [[String]]

    /// - Precondition: every row has as many cells as the heading.
    public init(heading: [String], rows: [[String]]) {
      precondition(rows.allSatisfy { $0.count == heading.count }, "rows do not fit the heading \(heading)")
      self.heading = heading
      self.rows = rows
    }

    /// Without columns that say nothing in any row.
    fileprivate var withoutEmptyColumns: Table {
      let kept = heading.indices.filter { column in
        column == 0 || rows.isEmpty || rows.contains { !["", "-"].contains($0[column]) }
      }
      return Table(heading: kept.map { heading[$0] }, rows: rows.map { row in kept.map { row[$0] } })
    }

    /// Whether each column holds words, which are aligned to the left.
    fileprivate var textColumns: [Bool] {
      heading.indices.map { column in
        rows.contains { row in row[column].first.map { !$0.isNumber && !"-+–".contains($0) } ?? false }
      }
    }
  }

  public struct Picture: Sendable {
    /// A PNG file.
    public var png: [UInt8]
    public var caption: String

    public init(png: [UInt8], caption: String) {
      self.png = png
      self.caption = caption
    }
  }

  public var title: String
  /// One or two sentences under the title.
  public var summary: String
  public var sections: [Section] = []

  public init(title: String, summary: String) {
    self.title = title
    self.summary = summary
  }

  /// The text of the HTML file.
  ///
  /// - Throws: `ReportsError` when the page's template is invalid, which the tests rule out.
  public func html() throws(ReportsError) -> String {
    do {
      return try MustacheTemplate(string: Self.template).render(context)
    } catch {
      throw .template(reason: "\(error)")
    }
  }

  /// Each technical term, in the first part of the page that uses it: the summary, then the sections.
  private var terms: [[Term]] {
    var rest = Term.all
    return ([[title, summary]] + sections.map(\.texts)).map { texts in
      let used = rest.filter { term in texts.contains { term.isUsed(in: $0) } }
      rest.removeAll { term in used.contains { $0.name == term.name } }
      return used
    }
  }

  private static func context(_ terms: [Term]) -> [[String: Any]] {
    terms.map { ["name": visible($0.name), "text": visible($0.explanation)] }
  }

  /// Mustache escapes texts; plots come from `SVGCanvas`, which escapes its own.
  private var context: [String: Any] {
    let terms = terms
    return [
      "title": visible(title), "summary": visible(summary), "terms": Self.context(terms[0]),
      "hasTerms": !terms[0].isEmpty,
      "sections": zip(sections, terms.dropFirst()).map { section, terms in
        [
          "terms": Self.context(terms), "hasTerms": !terms.isEmpty,
          "heading": visible(section.heading), "paragraphs": section.paragraphs.map(visible), "plots": section.plots,
          "tables": section.tables.map(\.withoutEmptyColumns).map { table in
            let isText = table.textColumns
            return [
              "heading": table.heading.indices.map {
                ["text": visible(table.heading[$0]), "isText": isText[$0]] as [String: Any]
              },
              "rows": table.rows.map { row in
                [
                  "cells": row.indices.map {
                    ["text": visible(row[$0]), "heading": visible(table.heading[$0]), "isText": isText[$0]]
                      as [String: Any]
                  }
                ]
              },
              "isWide": table.heading.count > 8,
            ] as [String: Any]
          },
          "hasPictures": !section.pictures.isEmpty, "columns": section.columns.map(String.init) ?? "",
          "pictures": section.pictures.map { ["data": base64($0.png), "caption": visible($0.caption)] },
        ] as [String: Any]
      },
    ]
  }
}

/// Why a report cannot be made.
public enum ReportsError: Error, Hashable {
  case template(reason: String)
}

extension ReportsError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .template(let reason): "the report's template cannot be used: \(reason)"
    }
  }
}
