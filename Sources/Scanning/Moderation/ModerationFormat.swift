import Files
import Foundation
import Verdicts

/// Message formats for receivers; `pipelines/moderation.md` shows an example of each.
package enum ModerationFormat: String, Sendable, CaseIterable {
  /// JSON with complete rows.
  case webhook
  /// JSON with labels and confidences, like the output of picture and video classifiers.
  case labels
  /// A CSV table for human review.
  case csv

  /// Content type of a body in one of these formats, possibly made by an earlier run with other options.
  static func contentType(of body: [UInt8]) -> String {
    body.first == UInt8(ascii: "{") ? "application/json" : "text/csv; charset=utf-8"
  }

  /// - Parameter id: id of the batch.
  package func body(of videos: [FlaggedVideo], id: String) throws -> [UInt8] {
    switch self {
    case .webhook:
      let rows = videos.map { Array("{\"id\":\"\($0.id)\",\"video\":".utf8) + $0.line + [UInt8(ascii: "}")] }
      let opening = "{\"id\":\"\(id)\",\"type\":\"assay.videos\",\"schemaVersion\":\(VideoRecord.schemaVersion),"
      return Array(opening.utf8) + Array("\"videos\":[\n".utf8) + Array(rows.joined(separator: ",\n".utf8))
        + Array("\n]}\n".utf8)
    case .labels:
      return try JSONEncoder.line(LabelList(id: id, items: videos.map(LabelList.Item.init)))
    case .csv: return Self.reviewTable.csv(videos)
    }
  }

  /// The last two cells are for whoever reviews.
  private static let reviewTable = Table<FlaggedVideo>([
    .text("id") { $0.id },
    .untrusted("path") { $0.record.source.path.text },
    .untrusted("pathBytes") { $0.record.source.path.percentEncoded ?? "" },
    .text("verdict") { $0.record.finding.verdict.rawValue },
    .number("score") { $0.record.finding.score },
    .text("segmentsMs") { $0.record.finding.segments.map { "\($0.startMs)-\($0.endMs)" }.joined(separator: ";") },
    .text("reason") { $0.record.finding.reason?.rawValue ?? "" },
    .untrusted("notes") { video in
      let notes = [video.record.finding.message].compactMap(\.self) + video.record.warnings.map(\.message)
      return notes.joined(separator: "; ")
    },
    .text("sha256") { $0.record.source.sha256 ?? "" },
    .text("decision") { _ in "" },
    .text("reviewer") { _ in "" },
  ])
}

/// JSON document of the format `labels`.
private struct LabelList: Encodable {
  struct Label: Encodable {
    var name: String
    /// P(fake), 0…1.
    var confidence: Double
    var startMs: Int?
    var endMs: Int?
  }

  struct Item: Encodable {
    var id: String
    var path: VideoPath
    var sha256: String?
    var verdict: Verdict
    /// One for the whole video, then one per suspicious segment; empty without a score.
    var labels: [Label]
    var model: ModelRecord

    init(_ video: FlaggedVideo) {
      let finding = video.record.finding
      id = video.id
      path = video.record.source.path
      sha256 = video.record.source.sha256
      verdict = finding.verdict
      labels = finding.score.map { [Label(name: "deepfake", confidence: $0)] } ?? []
      labels += finding.segments.map {
        Label(name: "deepfake_segment", confidence: $0.peakScore, startMs: $0.startMs, endMs: $0.endMs)
      }
      model = video.record.context.model
    }

    private enum CodingKeys: String, CodingKey { case id, sha256, verdict, labels, model }

    func encode(to encoder: any Encoder) throws {
      try path.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(id, forKey: .id)
      try container.encodeIfPresent(sha256, forKey: .sha256)
      try container.encode(verdict, forKey: .verdict)
      try container.encode(labels, forKey: .labels)
      try container.encode(model, forKey: .model)
    }
  }

  var id: String
  var items: [Item]
}
