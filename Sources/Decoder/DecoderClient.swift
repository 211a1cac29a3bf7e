package import Faces
import Foundation
package import Imaging
package import Isolation
package import Media
package import Runs
package import Verdicts

/// Result of decoding one file; the crops themselves were passed to the caller on arrival.
package struct DecodedFile: Sendable {
  package struct Failure: Sendable {
    package var reason: FailureReason
    package var message: String
  }

  package let path: [UInt8]
  /// The input folder that the file was found in; nil where it was given by its path alone.
  package var root: [UInt8]?
  /// Taken before the file was read.
  package let openedAt = Timestamp.now
  /// Nil if the file could not be opened.
  package var status: FileStatus?
  /// Lower-case hexadecimal; nil if the file could not be read to its end.
  package var sha256: String?
  package var info: VideoInfo?
  package var frames: [FrameMessage] = []
  package var report: SampleReport?
  /// Why there is no verdict; the frames before the failure remain listed.
  package var failure: Failure?
  /// How a known fake was presented; nil for a video of the scan.
  package var canary: CanaryGuise?
  /// The video track that this is about; nil where it was not asked for, or could not be told.
  package var track: VideoTrack?
  /// Why the track was not looked at; nil if it was.
  package var omission: TrackMessage.Omission?
  /// Video tracks of the file that belong together.
  package var trackCount = 1
  /// The other video tracks of the file, as files of their own; empty unless they were asked for.
  package var otherTracks: [DecodedFile] = []

  /// The track that the decoder's messages are about.
  var lastTrack: DecodedFile {
    get { otherTracks.last ?? self }
    set {
      if otherTracks.isEmpty {
        self = newValue
      } else {
        otherTracks[otherTracks.count - 1] = newValue
      }
    }
  }

  /// - Parameter message: the first one names the track that this is about.
  mutating func beginTrack(_ message: TrackMessage) {
    guard track != nil else {
      track = message.track
      return
    }
    var other = DecodedFile(path: path)
    other.track = message.track
    other.omission = message.omission
    otherTracks.append(other)
  }

  /// Frames that show only faces below the quality floor.
  package var lowQualityFrames: Int { frames.count { $0.faces.isEmpty && $0.lowQuality > 0 } }

  /// Records a failure that concerns the file as a whole.
  mutating func fail(_ reason: FailureReason, _ message: String) {
    failure = Failure(reason: reason, message: message)
    for index in otherTracks.indices { otherTracks[index].failure = failure }
  }

  /// Gives the other tracks what is known of the file as a whole.
  mutating func completeOtherTracks() {
    for index in otherTracks.indices {
      otherTracks[index].status = status
      otherTracks[index].sha256 = sha256
    }
  }

  package var cropCount: Int { frames.reduce(0) { $0 + $1.faces.count } }
}

/// One decoder process; decodes files one at a time.
package struct DecoderClient: ~Copyable {
  /// Default address space limit of a decoder process, in MiB.
  package static let defaultMemoryMiB = 4096

  /// Upper bound for faces per frame; a reply with more is invalid.
  private static let mostFacesPerFrame = 256

  private var process: WorkerProcess
  private let request: DecodeRequest
  private let timeoutSeconds: Double
  private let followSymlinks: Bool
  /// Polled while a file is read: whether nobody waits for the result any more.
  package var isAbandoned: @Sendable () -> Bool = { false } {
    didSet { process.isAbandoned = isAbandoned }
  }

  /// - Parameters:
  ///   - detector: the face detector of the process; known faces and whole frames need none, whichever it is.
  ///   - memoryMiB: address space of the process.
  ///   - filesPerProcess: files after which it is replaced.
  package init(
    request: DecodeRequest, detector: FaceDetectorChoice = FaceDetectorChoice.usual, timeoutSeconds: Int,
    memoryMiB: Int, filesPerProcess: Int,
    followSymlinks: Bool,
    executable: String = DecoderClient.executable
  ) {
    self.request = request
    self.timeoutSeconds = Double(timeoutSeconds)
    self.followSymlinks = followSymlinks
    process = WorkerProcess(
      Self.command(detector: detector, memoryMiB: memoryMiB, executable: executable),
      maximumMessageBytes: max(1 << 20, request.cropSize * request.cropSize * 3),
      recycleAfter: filesPerProcess)
  }

  /// The command that starts a decoder process.
  package static func command(
    detector: FaceDetectorChoice, memoryMiB: Int, executable: String = DecoderClient.executable
  ) -> WorkerCommand {
    let model = detector.modelPath.map { ["--detector-model", $0] } ?? []
    var command = WorkerCommand(
      arguments: ["decode-worker", "--memory", "\(memoryMiB)", "--detector", detector.kind.rawValue] + model)
    command.executable = executable
    // The sandbox confines individual threads, so the process must have only one.
    command.environment["OPENBLAS_NUM_THREADS"] = "1"
    return command
  }

  /// The program to run as decoder: this one, unless ASSAY_EXECUTABLE names another (used by tests).
  static var executable: String { ProcessInfo.processInfo.environment["ASSAY_EXECUTABLE"] ?? "/proc/self/exe" }

  /// Opens and decodes one file.
  ///
  /// - Parameters:
  ///   - content: video or picture.
  ///   - faces: overrides the request's origin of faces for this file.
  ///   - usualFace: for `recut`, the usual face box.
  ///   - recompression: recompression applied to a video before analysis.
  ///   - known: frames and faces to decode instead of sampled ones.
  ///   - track: position of the video stream; nil for the one that players show.
  ///   - onTrack: called where another video track begins; nil to decode one track alone.
  ///   - onCrop: receives each crop on arrival: `cropSize * cropSize * 3` bytes of RGB, in the order of
  ///     `frames[…].faces[…]`.
  /// - Returns: the result; problems of the file are in `failure`.
  /// - Throws: `WorkflowError.decoder` when no process can be started, so that no file can be decoded.
  package mutating func decode(
    _ path: [UInt8], content: DecodeRequest.Content = .video, faces: FaceOrigin? = nil, usualFace: Box? = nil,
    recompressed recompression: Recompression? = nil, known: [DecodeRequest.KnownFrame]? = nil,
    track: Int? = nil,
    onTrack: (() -> Void)? = nil, onCrop: ([UInt8]) -> Void
  ) throws(WorkflowError) -> DecodedFile {
    var result = DecodedFile(path: path)
    do {
      let file = try InputFile.open(path, followSymlinks: followSymlinks)
      result.status = file.status
      var order = request
      order.content = content
      order.recompression = recompression
      order.known = known
      order.track = track
      order.everyTrack = onTrack != nil
      order.faces = faces ?? request.faces
      order.usualFace = usualFace
      let payload = [UInt8]((try? JSONEncoder().encode(order)) ?? Data())
      let message = WorkerMessage(kind: DecodeMessage.Kind.request.rawValue, payload: payload)
      do {
        try process.send(message, descriptor: file.descriptor.raw, timeLimitSeconds: timeoutSeconds)
      } catch {
        throw WorkflowError.decoder(why: "\(error)")
      }
      // The process decodes while this one hashes the same cached pages.
      let hash = FileHash(of: file.descriptor.raw, timeLimitSeconds: timeoutSeconds, isAbandoned: isAbandoned)
      result.sha256 = hash.text
      try receiveReply(to: order, into: &result, onTrack: onTrack ?? {}, onCrop: onCrop)
      if try file.hasChanged() {
        result.fail(.changed, "the file was written to while it was read: scan it again")
      } else if case .timedOut = hash {
        result.fail(
          .timeout, "reading the file took more than \(Int(timeoutSeconds)) s: raise --timeout")
      } else if result.sha256 == nil {
        result.fail(.unreadable, "reading the file failed before its end")
      }
    } catch let error as WorkflowError {
      throw error
    } catch let error as IsolationError {
      let failure = Self.failure(for: error)
      result.fail(failure.reason, failure.message)
    } catch {
      result.fail(.unreadable, "\(error)")
    }
    result.completeOtherTracks()
    return result
  }

  private mutating func receiveReply(
    to order: DecodeRequest, into result: inout DecodedFile, onTrack: () -> Void,
    onCrop: ([UInt8]) -> Void
  ) throws {
    var reply = DecodeReply(request: order, mostFaces: Self.mostFacesPerFrame)
    while true {
      switch try process.receive() {
      case .message(let message):
        do {
          let tracks = result.otherTracks.count
          if try reply.take(message, into: &result, onCrop: onCrop) { return }
          if result.otherTracks.count > tracks { onTrack() }
        } catch {
          process.stop()
          return result.fail(.crashed, "the decoder process sent an invalid reply")
        }
      case .timedOut:
        return result.fail(
          .timeout, "decoding took more than \(Int(timeoutSeconds)) s: raise --timeout")
      case .crashed(let exit) where exit.isCPULimit:
        return result.fail(
          .timeout, "decoding took more than \(order.cpuSeconds) s of CPU time: raise --timeout")
      case .crashed(let exit):
        return result.fail(.crashed, "the decoder process \(exit)")
      case .closed:
        return result.fail(.crashed, "the decoder process ended in the middle of the video")
      case .oversized:
        return result.fail(.crashed, "the decoder process sent an invalid reply")
      }
    }
  }

  private static func failure(for error: IsolationError) -> DecodedFile.Failure {
    switch error {
    case .symlink, .notRegularFile: .init(reason: .refused, message: "\(error)")
    case .sparse: .init(reason: .limit, message: "\(error)")
    default: .init(reason: .unreadable, message: "\(error)")
    }
  }
}
