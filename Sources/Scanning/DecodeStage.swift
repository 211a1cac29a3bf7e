import Decoder
import Pipeline
import Scoring
package import Verdicts

/// Items between decoders and network: crops as they arrive, and after a video's last crop its end.
enum ScanItem: Sendable {
  /// `perturbed` is the result of the attack on the crop, if the run has one.
  case crop(video: Int, pixels: [UInt8], perturbed: PerturbedLogit? = nil)
  /// `crops` is the number of crops sent before.
  case end(video: Int, file: DecodedFile, crops: Int, extras: ScanExtras = ScanExtras())
}

/// Optional findings of the stages about a video, besides its logits.
package struct ScanExtras: Sendable {
  /// Evasion margin of the verdict.
  var margin: MarginRecord?
  /// Effect of recompression on the score of a borderline video.
  var recompression: RecompressionRecord?
  /// Whether the faces seem to be perturbed; nil without faces.
  var flag: PerturbedInputRecord?
  /// Score of another model.
  var secondOpinion: SecondOpinionRecord?
}

/// A video on its way into the pipeline: its number in the walk, and its path.
package struct VideoTicket: Sendable {
  package var number: Int
  package var path: [UInt8]
  /// The input folder that it was found in; nil where it was given by its path alone.
  package var root: [UInt8]?
  /// How a known fake is presented; nil for a video of the scan.
  var canary: CanaryGuise?

  package init(number: Int, path: [UInt8], root: [UInt8]? = nil, canary: CanaryGuise? = nil) {
    self.number = number
    self.path = path
    self.root = root
    self.canary = canary
  }
}

/// Decodes videos into crops; each worker owns one decoder process.
struct DecodeStage: Stage, ~Copyable {
  static var name: String { "decode" }
  private var client: DecoderClient
  private let stop: ScanStop?

  /// - Parameter stop: ends the scan in good time; nil for one that nothing ends.
  init(_ client: consuming DecoderClient, stop: ScanStop? = nil) {
    self.client = client
    self.stop = stop
  }

  mutating func process(_ ticket: VideoTicket, emit: (ScanItem) -> Void) throws {
    let isCanary = ticket.canary != nil
    // Whatever is not emitted to its end waits for the next run.
    if let stop {
      guard !stop.isStopping(forCanary: isCanary) else { return }
      client.isAbandoned = { stop.isPastGrace(forCanary: isCanary) }
    }
    // One count for each video track.
    var crops = [0]
    let recompression = ticket.canary == .recompressed ? Canaries.recompression : nil
    var file = try client.decode(
      ticket.path, recompressed: recompression, onTrack: { crops.append(0) }
    ) { pixels in
      let track = crops.count - 1
      crops[track] += 1
      emit(
        .crop(video: TrackGathering.number(ofTrack: track, video: ticket.number), pixels: pixels))
    }
    if let stop, file.failure?.reason == .timeout, stop.isPastGrace(forCanary: isCanary) { return }
    file.canary = ticket.canary
    file.root = ticket.root
    let others = file.otherTracks
    file.otherTracks = []
    file.trackCount = 1 + others.count
    emit(.end(video: ticket.number, file: file, crops: crops[0]))
    for (index, var other) in others.enumerated() {
      other.canary = ticket.canary
      other.root = ticket.root
      other.trackCount = file.trackCount
      emit(
        .end(
          video: TrackGathering.number(ofTrack: index + 1, video: ticket.number), file: other,
          crops: crops[index + 1]))
    }
  }
}

extension DecodedFile {
  /// The file's name, for progress.
  var shownName: String { Terminal.harmless(VideoPath(path).fileName.text) }
}
