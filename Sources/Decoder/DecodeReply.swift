import Faces
import Foundation
import Imaging
import Isolation
import Media
import Verdicts

/// Validates an untrusted reply: order, counts and sizes must match the request.
struct DecodeReply {
  enum Nonsense: Error { case kind, order, size, number }

  /// Upper bound for plausible times; beyond it, sums and conversions would overflow.
  private static let mostSeconds = 1e9
  /// As many streams as a container may have.
  private let mostTracks = DecodeLimits().maxStreams

  let request: DecodeRequest
  let mostFaces: Int
  private var missingCrops = 0

  init(request: DecodeRequest, mostFaces: Int) {
    self.request = request
    self.mostFaces = mostFaces
  }

  /// - Returns: whether the reply is complete.
  mutating func take(
    _ message: WorkerMessage, into result: inout DecodedFile, onCrop: ([UInt8]) -> Void
  ) throws -> Bool {
    if message.kind == WorkerMessage.endKind {
      guard result.lastTrack.failure != nil || missingCrops == 0 else { throw Nonsense.order }
      return true
    }
    guard let kind = DecodeMessage.Kind(rawValue: message.kind) else { throw Nonsense.kind }
    let json = JSONDecoder()
    switch kind {
    case .request: throw Nonsense.kind
    case .track:
      let message = try json.decode(TrackMessage.self, from: Data(message.payload))
      guard request.everyTrack, missingCrops == 0 || result.lastTrack.failure != nil,
        result.otherTracks.count < mostTracks
      else {
        throw Nonsense.order
      }
      missingCrops = 0
      result.beginTrack(message)
    default: try take(kind, message.payload, into: &result.lastTrack, onCrop: onCrop)
    }
    return false
  }

  /// Whether a text can be one of FFmpeg's names of containers and codecs, which go into the manifest.
  private static func isName(_ text: String) -> Bool {
    text.utf8.count <= 100 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
  }

  /// Takes a message about one video track.
  private mutating func take(
    _ kind: DecodeMessage.Kind, _ payload: [UInt8], into result: inout DecodedFile,
    onCrop: ([UInt8]) -> Void
  ) throws {
    let json = JSONDecoder()
    switch kind {
    case .request, .track: throw Nonsense.kind
    case .info:
      let info = try json.decode(VideoInfo.self, from: Data(payload))
      try Self.check(seconds: info.durationSeconds)
      guard Self.isName(info.container), Self.isName(info.codec) else { throw Nonsense.size }
      result.info = info
    case .frame:
      guard missingCrops == 0, result.frames.count < request.frames else { throw Nonsense.order }
      let frame = try json.decode(FrameMessage.self, from: Data(payload))
      guard frame.faces.count <= mostFaces, (0...mostFaces).contains(frame.lowQuality) else { throw Nonsense.size }
      try Self.check(seconds: frame.seconds)
      guard frame.faces.allSatisfy(Self.isSane) else { throw Nonsense.number }
      result.frames.append(frame)
      missingCrops = frame.faces.count
    case .crop:
      guard missingCrops > 0 else { throw Nonsense.order }
      guard payload.count == request.cropSize * request.cropSize * 3 else { throw Nonsense.size }
      missingCrops -= 1
      onCrop(payload)
    case .done:
      let report = try json.decode(SampleReport.self, from: Data(payload))
      try Self.check(seconds: report.declaredSeconds)
      try Self.check(seconds: report.reachedSeconds)
      try Self.check(seconds: report.missingSeconds)
      guard report.missing >= 0, report.damages >= 0, report.decodeErrors >= 0, report.framesEditedOut >= 0,
        report.transparent >= 0
      else {
        throw Nonsense.number
      }
      try Self.check(seconds: report.overstatedSeconds)
      result.report = report
    case .failed:
      let failure = try json.decode(FailureMessage.self, from: Data(payload))
      guard let reason = FailureReason(rawValue: failure.reason), reason != .lowQuality else { throw Nonsense.kind }
      result.failure = .init(reason: reason, message: failure.message)
    }
  }

  private static func check(seconds: Double?) throws(Nonsense) {
    if let seconds, !(abs(seconds) <= mostSeconds) { throw .number }
  }

  /// Whether box, confidence and track are within plausible limits.
  private static func isSane(_ face: TrackedFace) -> Bool {
    let box = face.box
    return [box.x, box.y, box.width, box.height].allSatisfy { abs($0) <= 1e9 } && face.confidence.isFinite
      && (0...1_000_000).contains(face.track)
  }
}
