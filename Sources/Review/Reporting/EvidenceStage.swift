import Decoder
import Faces
import Foundation
import Imaging
import Media
import Models
import Pipeline
import Reports
import Runs
import Scanning
import Scoring
import Verdicts

/// Creates the pictures that explain the verdict of each manifest row.
struct EvidenceStage: Stage, ~Copyable {
  struct Input: Sendable {
    var number: Int
    var record: VideoRecord
  }
  struct Output: Sendable {
    var number: Int
    var evidence: VideoEvidence
  }

  static var name: String { "evidence" }

  /// Sides of the faces in a strip and of the deciding faces, in page pixels.
  private static let smallSide = 64
  private static let largeSide = 192
  /// Maximum numbers of tracks with a strip, of faces per strip, and of faces with heat maps.
  private static let mostTracks = 4
  private static let mostFaces = 32
  private static let mostDeciding = 3
  /// Processors differ in summation order, and boxes are recorded to 6 decimals.
  private static let logitTolerance = 0.01

  private let explainer: FaceExplainer
  private let side: Int
  private var client: DecoderClient
  private var cutter: ClipCutter?
  private let moves: MovedRoots

  /// - Parameter clips: folder for clips; nil for no clips.
  init(_ run: ReportedRun, model: LoadedModel, clips: ClipFolder?, moves: MovedRoots) throws {
    let settings = model.detector.cropSettings
    let explainer = try run.explainer(model)
    let request = run.settings.request(for: settings)
    self.explainer = explainer
    side = settings.size
    client = DecoderClient(
      request: request, timeoutSeconds: run.settings.timeoutSeconds, memoryMiB: run.settings.decoderMemoryMiB,
      filesPerProcess: 200,
      followSymlinks: true)
    cutter = clips.map { ClipCutter($0, run, request: request, moves: moves) }
    self.moves = moves
  }

  mutating func process(_ input: Input, emit: (Output) -> Void) throws {
    emit(Output(number: input.number, evidence: try evidence(of: input.record)))
  }

  private mutating func evidence(of record: VideoRecord) throws -> VideoEvidence {
    let tracks = Self.shown(record.finding)
    var evidence = VideoEvidence()
    let (crops, problem) = try crops(of: tracks, record)
    evidence.problem = problem
    for track in tracks {
      let indices = Self.spread(track.boxes.count)
      let pictures = indices.compactMap { crops[Face(track: track.id, pts: track.boxes[$0].pts)] }
      guard pictures.count == indices.count else { continue }
      evidence.strips.append(
        .init(track: track.id, places: indices, side: Self.smallSide, jpeg: try strip(pictures)))
    }
    if let track = record.finding.decidingTrack {
      evidence.trimmed = Array(Set(track.boxes.indices).subtracting(track.counting)).sorted()
      for position in track.counting.prefix(Self.mostDeciding) {
        guard let crop = crops[Face(track: track.id, pts: track.boxes[position].pts)] else { continue }
        evidence.faces.append(try face(crop, track: track.id, track.boxes[position]))
        evidence.problem = try evidence.problem ?? difference(of: crop, from: track.boxes[position])
      }
    }
    if evidence.problem == nil { evidence.clips = try cutter?.cut(record, explainer) ?? [] }
    return evidence
  }

  /// Warning if the logit of a recreated crop differs from the recorded one, else nil.
  private func difference(of crop: Frame, from box: BoxRecord) throws -> String? {
    let logit = try explainer.logit(of: crop)
    guard abs(logit - box.logit) > Self.logitTolerance * max(1, abs(box.logit)) else { return nil }
    let numbers = String(format: "%.3f instead of %.3f", logit, box.logit)
    return "A recreated crop has another logit than in the scan (\(numbers)): its pictures may differ from "
      + "the scanned crops."
  }

  /// The tracks to show: the deciding one, then the most suspicious ones.
  private static func shown(_ finding: Finding) -> [TrackRecord] {
    let deciding = finding.decidingTrack
    let others = finding.tracks.filter { $0.id != deciding?.id }.sorted { ($1.score, $0.id) < ($0.score, $1.id) }
    return Array(((deciding.map { [$0] } ?? []) + others).prefix(mostTracks))
  }

  /// At most `mostFaces` indices, evenly spread over `count`.
  private static func spread(_ count: Int) -> [Int] {
    count <= mostFaces ? Array(0..<count) : (0..<mostFaces).map { $0 * (count - 1) / (mostFaces - 1) }
  }

  private struct Face: Hashable {
    var track: Int
    var pts: Int64
  }

  /// - Returns: the crops that could be made, and why some or all are missing.
  private mutating func crops(
    of tracks: [TrackRecord], _ record: VideoRecord
  ) throws -> (crops: [Face: Frame], problem: String?) {
    var known: [Int64: [TrackedFace]] = [:]
    for track in tracks {
      for box in track.boxes {
        known[box.pts, default: []].append(
          .init(track: track.id, box: box.box, confidence: Float(box.confidence)))
      }
    }
    let frames = known.sorted { $0.key < $1.key }.map { DecodeRequest.KnownFrame(pts: $0.key, faces: $0.value) }
    var pixels: [[UInt8]] = []
    let file = try client.decode(
      moves.path(record.source.path.bytes), known: frames, track: record.decidingStream
    ) { pixels.append($0) }
    if let failure = file.failure {
      let hint = file.status == nil ? " If its folder was moved, say where it is with --root OLD=NEW." : ""
      let why = failure.message.hasSuffix(".") ? String(failure.message.dropLast()) : failure.message
      return ([:], "The video could not be decoded again: \(why).\(hint)")
    }
    guard file.sha256 == record.source.sha256 else {
      return ([:], "The file differs from the scanned one (SHA-256). Scan it again.")
    }
    let faces = file.frames.flatMap { frame in frame.faces.map { Face(track: $0.track, pts: frame.pts) } }
    let crops = Dictionary(
      zip(faces, pixels).map { ($0, Frame(width: side, height: side, pixels: $1)) },
      uniquingKeysWith: { first, _ in first })
    let missing = frames.count - file.frames.count
    return (
      crops, missing > 0 ? "\(missing) of the \(frames.count) frames with faces could not be decoded again." : nil
    )
  }

  /// Joins faces side by side in one picture, which is smaller than separate pictures.
  private func strip(_ faces: [Frame]) throws -> [UInt8] {
    let side = Self.smallSide
    let width = side * faces.count
    var strip = Frame(width: width, height: side, pixels: [UInt8](repeating: 0, count: width * side * 3))
    for (index, face) in faces.enumerated() {
      strip.paste(face.resized(width: side, height: side), x: index * side, y: 0)
    }
    return try encodeJPEG(strip)
  }

  private func face(_ crop: Frame, track: Int, _ box: BoxRecord) throws -> VideoEvidence.Face {
    let shown = crop.resized(width: Self.largeSide, height: Self.largeSide)
    var face = VideoEvidence.Face(
      track: track, timeMs: box.timeMs, score: box.score, logit: box.logit, side: Self.largeSide,
      crop: try encodeJPEG(shown, quantiser: 3))
    let seen = explainer.seen(crop).resized(width: Self.largeSide, height: Self.largeSide)
    face.maps = try explainer.maps(of: crop).map { name, map in
      .init(name: name, isEmpty: map.isEmpty, jpeg: try encodeJPEG(map.painted(over: seen), quantiser: 5))
    }
    return face
  }
}
