import Decoder
import Faces
import Files
import Foundation
import Imaging
import Media
import Reports
import Runs
import Scanning
import Verdicts

/// Folder of a report's clips, beside its page.
struct ClipFolder: Sendable {
  let path: String
  /// The folder relative to the page, as a URL.
  let link: String

  /// - Parameter page: path of the report's page; `report.html` has its clips in `report.clips`.
  init(besidePage page: String) {
    let stem = page.hasSuffix(".html") ? String(page.dropLast(5)) : page
    path = stem + ".clips"
    // Percent-encoded, because the user chooses the page's name.
    let name = URL(filePath: path).lastPathComponent
    link = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "-._"))) ?? name
  }

  /// Name of a clip; contains no part of the video's own name.
  static func name(sha256: String, _ segment: SegmentRecord) -> String {
    "\(sha256.prefix(16))-\(segment.track)-\(segment.startMs).mp4"
  }

  /// Names of all clips that may be cut from a video.
  func names(of record: VideoRecord) -> [String] {
    guard let sha256 = record.source.sha256 else { return [] }
    return record.finding.segments.map { Self.name(sha256: sha256, $0) }
  }

  /// Removes clips of earlier reports, and nothing else.
  func remove(except names: Set<String>) {
    let found = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in found where !names.contains(name) && name.wholeMatch(of: /[0-9a-f]{16}-\d+-\d+\.mp4/) != nil {
      // Files that cannot be removed stay, but nothing links to them.
      try? FileManager.default.removeItem(atPath: path + "/" + name)
    }
  }
}

/// Cuts the suspicious segments out of a video, with the face box and the network's heat map drawn in.
struct ClipCutter: ~Copyable {
  /// Maximum number of clips per video; the most suspicious segments come first.
  private static let mostClips = 2
  /// Context around a segment, and minimum and maximum length of a clip, in milliseconds.
  private static let marginMs = 500
  private static let leastMs = 2000
  private static let mostMs = 6000
  private static let longestSide = 640
  private static let crf = 23
  private static let red = SIMD3<UInt8>(255, 64, 48)

  private let folder: ClipFolder
  private let request: DecodeRequest
  private var transcoder: TranscodeClient
  private let moves: MovedRoots

  init(_ folder: ClipFolder, _ run: ReportedRun, request: DecodeRequest, moves: MovedRoots) {
    self.moves = moves
    self.folder = folder
    self.request = request
    transcoder = TranscodeClient(
      detector: FaceDetectorChoice.usual, timeoutSeconds: run.settings.timeoutSeconds,
      memoryMiB: run.settings.decoderMemoryMiB,
      followSymlinks: true)
  }

  /// Writes the clips of a video.
  ///
  /// - Returns: empty for a video without a suspicious segment, or if its frames cannot be decoded.
  /// - Throws: `WorkflowError.output` when a clip cannot be written.
  mutating func cut(_ record: VideoRecord, _ explainer: FaceExplainer) throws -> [VideoEvidence.Clip] {
    guard let sha256 = record.source.sha256, let base = record.content.timeBase else { return [] }
    let segments = record.finding.segments.sorted { ($1.peakScore, $0.startMs) < ($0.peakScore, $1.startMs) }
    var clips: [VideoEvidence.Clip] = []
    for segment in segments.prefix(Self.mostClips) {
      guard let track = record.finding.tracks.first(where: { $0.id == segment.track }),
        let start = track.boxes.first(where: { $0.timeMs == segment.startMs })
      else { continue }
      let name = ClipFolder.name(sha256: sha256, segment)
      do {
        let (first, last) = Self.stretch(segment)
        func pts(_ ms: Int) -> Int64 {
          start.pts
            + Int64((Double(ms - start.timeMs) / 1000 * Double(base.denominator) / Double(base.numerator)).rounded())
        }
        let bytes = try encodedClip(record, track, from: pts(first), to: pts(last), base, explainer)
        try AtomicFile.write(bytes, to: "\(folder.path)/\(name)")
        clips.append(
          .init(
            link: "\(folder.link)/\(name)", track: segment.track, startMs: segment.startMs, endMs: segment.endMs,
            peakScore: segment.peakScore))
      } catch WorkflowError.input {
        // The pictures were made from the same file, so the likely cause is a time limit.
        continue
      }
    }
    return clips.sorted { $0.startMs < $1.startMs }
  }

  /// Time range shown for a segment, in milliseconds.
  private static func stretch(_ segment: SegmentRecord) -> (first: Int, last: Int) {
    let wanted = segment.endMs - segment.startMs + 2 * marginMs
    let length = min(max(wanted, leastMs), mostMs)
    // A segment that is too long is shown from its beginning.
    let first = wanted > mostMs ? segment.startMs - marginMs : (segment.startMs + segment.endMs - length) / 2
    return (max(first, 0), max(first, 0) + length)
  }

  private mutating func encodedClip(
    _ record: VideoRecord, _ track: TrackRecord, from: Int64, to: Int64, _ base: TimeBase, _ explainer: FaceExplainer
  ) throws -> [UInt8] {
    let excerpt = ExcerptRequest(
      from: from, to: to, face: track.boxes.map { .init(pts: $0.pts, box: $0.box) },
      framing: request.framing,
      cropSize: request.cropSize, longestSide: Self.longestSide, cpuSeconds: request.cpuSeconds,
      track: record.decidingStream)
    var writer: MP4ClipWriter?
    var map: HeatMap?
    var start: Int64 = 0
    try transcoder.excerpt(moves.path(record.source.path.bytes), excerpt) { frame in
      if writer == nil {
        start = frame.pts
        writer = try MP4ClipWriter(
          width: frame.picture.width, height: frame.picture.height, crf: Self.crf, framesPerSecond: 25,
          comment: "evidence drawn by assay \(assayVersion): face box and heat map")
      }
      let next = try explainer.clipMap(of: frame.crop).steadied(by: map, fraction: 0.6)
      map = next
      let picture = Self.drawn(frame, next, over: explainer.seen(frame.crop), framing: request.framing)
      // If the picture size changes, later frames are resized to the initial size.
      let (width, height) = (writer?.width ?? picture.width, writer?.height ?? picture.height)
      let ticks = Double(frame.pts - start) * Double(base.numerator) / Double(base.denominator)
      try writer?.append(picture.resized(width: width, height: height), milliseconds: Int((ticks * 1000).rounded()))
    }
    guard let made = writer.take() else {
      throw WorkflowError.input(path: record.source.path.text, why: "no frame of the segment could be decoded")
    }
    return try made.finish()
  }

  /// Draws the heat map over the face square, and the outline of the face box.
  ///
  /// - Parameter crop: the face as input to the network.
  private static func drawn(_ frame: ExcerptFrame, _ map: HeatMap, over crop: Frame, framing: FaceFraming) -> Frame {
    var picture = frame.picture
    let square = framing.square(of: frame.box)
    let side = max(Int(square.width.rounded()), 1)
    let face = crop.resized(width: side, height: side)
    picture.paste(map.painted(over: face, keepsColours: true), x: Int(square.x.rounded()), y: Int(square.y.rounded()))
    picture.outline(frame.box, thickness: max(2, picture.width / 320), colour: red)
    return picture
  }
}
