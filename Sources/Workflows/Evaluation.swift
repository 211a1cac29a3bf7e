public import Metrics

/// What a model is worth on labelled data: by crop, and by video where the crops come from videos.
public struct Evaluation: Sendable, Codable {
  public let model: String
  public let modelSHA256: String
  /// Part of the split, or `all`.
  public let part: String
  public let crops: DetectorPerformance
  /// Scored as `assay scan` scores them; nil without videos of both classes.
  public let videos: DetectorPerformance?

  /// Everything as JSON for programs.
  public func json() throws -> String {
    try readableJSON(self)
  }

  /// Everything as text for people.
  public var table: String {
    let parts = [crops, videos].compactMap { $0 }.map { measurement in
      measurement.heading + "\n\n"
        + measurement.tables.map { alignedTable(heading: $0.heading, rows: $0.rows) }.joined(separator: "\n")
    }
    return "model \(model), \(part) part\n\n" + parts.joined(separator: "\n")
  }
}
