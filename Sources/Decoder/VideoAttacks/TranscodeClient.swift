package import Faces
import Files
package import Foundation
package import Imaging
import Isolation
package import Media
import Runs
import Verdicts

/// Processes whole videos in a decoder process: reads all faces and rewrites the video.
package struct TranscodeClient: ~Copyable {
  /// Maximum message size: pixels of one face at the picture's own resolution, or a chunk of a file.
  private static let mostBytes = 64 << 20

  private var process: WorkerProcess
  private let timeoutSeconds: Int
  private let followSymlinks: Bool

  /// - Parameter timeoutSeconds: time limit per request.
  package init(detector: FaceDetectorChoice, timeoutSeconds: Int, memoryMiB: Int, followSymlinks: Bool) {
    self.timeoutSeconds = timeoutSeconds
    self.followSymlinks = followSymlinks
    process = WorkerProcess(
      DecoderClient.command(detector: detector, memoryMiB: memoryMiB), maximumMessageBytes: Self.mostBytes)
  }

  /// Decodes all frames of a video.
  ///
  /// - Parameter onFrame: receives a frame and, for each of its faces, the crop transform and the pixels that it
  ///   applies to.
  /// - Throws: `WorkflowError.input` for any problem with the video; errors of `onFrame`.
  package mutating func watch(
    _ path: [UInt8], _ request: WatchRequest,
    onFrame: (TranscodeFrame, [(crop: CropTransform, pixels: Frame)]) throws -> Void
  ) throws {
    var frame: TranscodeFrame?
    var parts: [(crop: CropTransform, pixels: Frame)] = []
    try ask(.watch, try JSONEncoder().encode(request), file: path) { kind, payload in
      switch kind {
      case .frame:
        guard frame == nil else { throw Nonsense.order }
        let next = try JSONDecoder().decode(TranscodeFrame.self, from: Data(payload))
        guard !next.isNonsense else { throw Nonsense.size }
        frame = next
      case .part:
        guard let current = frame, parts.count < current.faces.count else { throw Nonsense.order }
        let crop = CropTransform(
          square: request.framing.square(of: current.faces[parts.count]), width: current.width,
          height: current.height, size: request.cropSize)
        guard payload.count == crop.width * crop.height * 3 else { throw Nonsense.size }
        parts.append((crop, Frame(width: crop.width, height: crop.height, pixels: payload)))
      default: throw Nonsense.order
      }
      if let current = frame, parts.count == current.faces.count {
        try onFrame(current, parts)
        frame = nil
        parts = []
      }
    }
  }

  /// Rewrites a video with the patches of a spool.
  ///
  /// - Parameter output: receives bytes and their offset in the file.
  /// - Throws: `WorkflowError.input` for any problem with the video; errors of `output`.
  package mutating func rewrite(
    _ path: [UInt8], _ settings: TranscodeSettings, patches: PatchSpool, output: (ArraySlice<UInt8>, Int) throws -> Void
  ) throws -> TranscodeReport {
    try send(.keep, Data(), descriptor: patches.descriptor)
    try receive(path) { _, _ in throw Nonsense.order }
    var report: TranscodeReport?
    let request = try JSONEncoder().encode(RewriteRequest(settings: settings, cpuSeconds: timeoutSeconds))
    try ask(.rewrite, request, file: path) { kind, payload in
      switch kind {
      case .output where payload.count >= 8:
        let position = payload.withUnsafeBytes { Int(Int64(littleEndian: $0.loadUnaligned(as: Int64.self))) }
        guard position >= 0 else { throw Nonsense.size }
        try output(payload[8...], position)
      case .report: report = try JSONDecoder().decode(TranscodeReport.self, from: Data(payload))
      default: throw Nonsense.order
      }
    }
    guard let report else { throw failure(path, "the decoder process sent an invalid reply") }
    return report
  }

  enum Nonsense: Error { case order, size }

  /// Sends a request for a video and receives the complete reply.
  package mutating func ask(
    _ kind: TranscodeMessage.Kind, _ payload: Data, file path: [UInt8],
    take: (TranscodeMessage.Kind, [UInt8]) throws -> Void
  ) throws {
    do {
      let file = try InputFile.open(path, followSymlinks: followSymlinks)
      try send(kind, payload, descriptor: file.descriptor.raw)
      try receive(path, take: take)
      if try file.hasChanged() { throw failure(path, "it was written to while it was read") }
    } catch let error as IsolationError {
      throw failure(path, explanation(of: error))
    }
  }

  private mutating func send(_ kind: TranscodeMessage.Kind, _ payload: Data, descriptor: CInt) throws(WorkflowError) {
    do {
      try process.send(
        WorkerMessage(kind: kind.rawValue, payload: [UInt8](payload)), descriptor: descriptor,
        timeLimitSeconds: Double(timeoutSeconds))
    } catch {
      throw WorkflowError.decoder(why: explanation(of: error))
    }
  }

  /// Receives the complete reply.
  private mutating func receive(
    _ path: [UInt8], take: (TranscodeMessage.Kind, [UInt8]) throws -> Void
  ) throws {
    while true {
      switch try process.receive() {
      case .message(let message):
        if message.kind == WorkerMessage.endKind { return }
        do {
          guard let kind = TranscodeMessage.Kind(rawValue: message.kind) else { throw Nonsense.order }
          if kind == .failed {
            let found = try JSONDecoder().decode(FailureMessage.self, from: Data(message.payload))
            throw failure(path, found.message)
          }
          try take(kind, message.payload)
        } catch is Nonsense {
          process.stop()
          throw failure(path, "the decoder process sent an invalid reply")
        } catch {
          process.stop()
          throw error
        }
      case .timedOut:
        throw failure(path, "this took more than \(timeoutSeconds) s: raise --timeout")
      case .crashed(let exit) where exit.isCPULimit:
        throw failure(path, "this took more than \(timeoutSeconds) s of CPU time: raise --timeout")
      case .crashed(let exit): throw failure(path, "the decoder process \(exit)")
      case .closed, .oversized:
        throw failure(path, "the decoder process ended early or sent an invalid reply")
      }
    }
  }

  private func failure(_ path: [UInt8], _ why: String) -> WorkflowError {
    .input(path: String(decoding: path, as: UTF8.self), why: why)
  }
}
