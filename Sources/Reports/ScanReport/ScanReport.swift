import Digests
import Files
import Foundation
import Mustache
public import Verdicts

/// The HTML report of a scan: counts, a sortable and filterable table, and the evidence for each video, in one file
/// that needs no network.
///
/// Rows are JSON in the page, read by its script; a video's pictures are decoded when its row is opened. The page's
/// content security policy allows only that script, by its hash, because file names may contain anything.
public struct ScanReport: Sendable {
  private let manifest: Manifest
  private let manifestSHA256: String
  private let files: [String?]
  /// By the video's index in the manifest.
  public var evidence: [Int: VideoEvidence] = [:]
  /// Description of the heat maps.
  public var heatMaps: [(name: String, text: String)] = []
  /// Notes on what the page omits, in full sentences.
  public var notes: [String] = []

  /// - Parameters:
  ///   - manifestSHA256: SHA-256 of the manifest file.
  ///   - files: path of each video, for tables of labels; nil if it is not valid text.
  public init(_ manifest: Manifest, manifestSHA256: String, files: [String?]) {
    precondition(files.count == manifest.videos.count, "\(files.count) files for \(manifest.videos.count) videos")
    self.manifest = manifest
    self.manifestSHA256 = manifestSHA256
    self.files = files
  }

  /// Emits the text of the page in parts.
  ///
  /// - Throws: errors from `emit`; `ReportsError` when the template is invalid, which the tests rule out.
  public func write(_ emit: ([UInt8]) throws -> Void) throws {
    let page: String
    do { page = try MustacheTemplate(string: text(PackageResources.report_mustache)).render(context) } catch {
      throw ReportsError.template(reason: "\(error)")
    }
    // Rows come before the script, pictures after it: the table appears before the pictures are read.
    let parts = page.components(separatedBy: Self.picturesPlace)
    guard parts.count == 2 else { throw ReportsError.template(reason: "the template has no marker for pictures") }
    try emit(Array(parts[0].utf8))
    for (number, pictures) in evidence.sorted(by: { $0.key < $1.key }) {
      let open = "<script type=\"application/json\" id=\"pictures-\(number)\">"
      try emit(Array((open + inline(try Self.json(pictures)) + "</script>\n").utf8))
    }
    try emit(Array(parts[1].utf8))
  }

  private static let picturesPlace = "<!-- pictures -->"

  private var context: [String: Any] {
    get throws {
      let script = text(PackageResources.report_js)
      let style = text(PackageResources.report_css)
      let run = manifest.run
      return [
        "policy": "default-src 'none'; script-src '\(Self.hash(script))'; style-src '\(Self.hash(style))'; "
          + "img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        "script": script, "style": style, "rows": inline(try rows()),
        "summary": summary, "isIncomplete": !run.isComplete, "scores": scores, "isUncalibrated": isUncalibrated,
        "limits": visible(run.modelCard?.limits ?? ""), "hasLimits": run.modelCard?.limits.isEmpty == false,
        "counts": counts, "failures": failures, "hasFailures": run.counts.count(.failed) > 0,
        "notes": notes.map(visible), "hasNotes": !notes.isEmpty,
        "heatMaps": heatMaps.map { ["name": visible($0.name), "text": visible($0.text)] },
        "hasHeatMaps": !heatMaps.isEmpty, "settings": settings,
      ]
    }
  }

  private var summary: String {
    let run = manifest.run
    let own = run.counts.videos - (run.keptRows?.videos ?? 0)
    var text = "\(run.counts.line). "
    if own > 0 || run.keptRows == nil {
      text += run.keptRows == nil ? "Scanned" : "\(own) scanned"
      text += " \(span(run.startedAt, run.finishedAt)) UTC on \(run.host) by assay \(run.assayVersion)."
    }
    if let kept = run.keptRows {
      text +=
        " \(kept.videos) of them \(kept.videos == 1 ? "has its row" : "have their rows") from earlier runs, scanned "
        + "\(span(kept.openedFrom, kept.openedTo)) UTC."
    }
    return visible(text)
  }

  /// `2026-12-01 03:00 to 03:12`, or the first alone within a minute.
  private func span(_ from: Timestamp, _ to: Timestamp) -> String {
    let (first, last) = (minutes(from), minutes(to))
    if first == last { return first }
    return first.prefix(10) == last.prefix(10) ? "\(first) to \(last.dropFirst(11))" : "\(first) to \(last)"
  }

  /// Thresholds, and the prevalence that scores are calibrated for.
  private var scores: String {
    let lines = [manifest.run.context.thresholds.line, manifest.run.modelCard?.scoreLine].compactMap(\.self)
    return visible(lines.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }.joined(separator: " "))
  }

  private var isUncalibrated: Bool { manifest.run.modelCard?.isCalibrated == false }

  private var counts: [[String: Any]] {
    [Verdict.fake, .undecided, .real, .noFace, .failed].map { verdict in
      ["verdict": verdict.rawValue, "name": verdict.phrase, "count": manifest.run.counts.count(verdict)]
    }
  }

  private var failures: [[String: Any]] {
    FailureReason.allCases.compactMap { reason in
      guard let count = manifest.run.counts.reasons[reason], count > 0 else { return nil }
      return ["reason": reason.rawValue, "name": reason.rawValue.words, "text": reason.explanation, "count": count]
    }
  }

  private var settings: [[String: Any]] {
    let (run, context) = (manifest.run, manifest.run.context)
    var rows: [(String, String)] = [
      ("Model", context.model.name), ("Model, SHA-256", context.model.sha256),
      ("Thresholds", context.thresholds.line),
      ("Face detector", context.detector),
    ]
    rows += context.decoder.versions.sorted { $0.key < $1.key }.map { ("\(context.decoder.name), \($0.key)", $0.value) }
    rows += context.settings.values.sorted { $0.key < $1.key }.map { ("Setting \($0.key)", $0.value) }
    rows += [
      ("Settings, SHA-256", context.settings.hash), ("manifest.json, SHA-256", manifestSHA256),
      ("assay", run.assayVersion), ("Host", run.host), ("Started", run.startedAt.description),
      ("Finished", run.finishedAt.description), ("Complete", run.isComplete ? "yes" : "no: the run was interrupted"),
    ]
    return rows.map { ["name": visible($0.0), "text": visible($0.1)] }
  }

  private struct Rows: Encodable {
    let thresholds: Thresholds
    /// What readers see for each verdict.
    let phrases: [Verdict: String]
    let videos: [ReportedVideo]
  }

  private func rows() throws -> String {
    let videos = manifest.videos.enumerated().map { number, record in
      ReportedVideo(record, file: files[number], hasPictures: evidence[number] != nil)
    }
    return try Self.json(
      Rows(
        thresholds: manifest.run.context.thresholds,
        phrases: Dictionary(uniqueKeysWithValues: Verdict.allCases.map { ($0, $0.phrase) }), videos: videos))
  }

  private func minutes(_ time: Timestamp) -> String {
    String(time.description.prefix(16)).replacing("T", with: " ")
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// The hash source of an inline script or style in the content security policy.
  private static func hash(_ text: String) -> String {
    "sha256-" + base64(SHA256.digest(of: text.utf8))
  }

  private static func json(_ value: some Encodable) throws -> String {
    try JSONEncoder.sorted.text(value)
  }
}

/// JSON that is safe in a `script` element: escapes whatever could end the element or begin a comment.
func inline(_ json: String) -> String {
  json.replacing("<", with: "\\u003c").replacing(">", with: "\\u003e").replacing("&", with: "\\u0026")
}

extension FailureReason {
  /// Explanation for readers of the report.
  var explanation: String {
    switch self {
    case .unreadable: "the file cannot be read"
    case .notVideo: "not a video"
    case .unsupported: "its container or codec is not supported"
    case .encrypted: "its data is encrypted"
    case .truncated: "it ends before enough frames were decoded"
    case .limit: "it needs more memory, pixels or streams than allowed"
    case .timeout: "decoding exceeded the time limit"
    case .crashed: "the decoder process crashed on it"
    case .changed: "it changed while it was read"
    case .lowQuality: "its faces are too small, dark or blurred to judge"
    case .refused: "it is a link, a device, a playlist or similar, which is never opened"
    }
  }
}
