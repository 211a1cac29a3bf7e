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
  }

  public struct Table: Sendable {
    public var heading: [String]
    /// The first cell of a row is its header.
    public var rows: [[String]]

    public init(heading: [String], rows: [[String]]) {
      self.heading = heading
      self.rows = rows
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

  /// Mustache escapes texts; plots come from `SVGCanvas`, which escapes its own.
  private var context: [String: Any] {
    [
      "title": visible(title), "summary": visible(summary),
      "sections": sections.map { section in
        [
          "heading": visible(section.heading), "paragraphs": section.paragraphs.map(visible), "plots": section.plots,
          "tables": section.tables.map { table in
            [
              "heading": table.heading.map(visible),
              "rows": table.rows.map { ["cells": $0.map(visible)] },
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
