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
  /// How a known fake is presented; nil for a video of the scan.
  var canary: CanaryGuise?

  package init(number: Int, path: [UInt8], canary: CanaryGuise? = nil) {
    self.number = number
    self.path = path
    self.canary = canary
  }
}

/// Decodes videos into crops; each worker owns one decoder process.
struct DecodeStage: Stage, ~Copyable {
  static var name: String { "decode" }
  private var client: DecoderClient

  init(_ client: consuming DecoderClient) {
    self.client = client
  }

  mutating func process(_ ticket: VideoTicket, emit: (ScanItem) -> Void) throws {
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
    file.canary = ticket.canary
    let others = file.otherTracks
    file.otherTracks = []
    file.trackCount = 1 + others.count
    emit(.end(video: ticket.number, file: file, crops: crops[0]))
    for (index, var other) in others.enumerated() {
      other.canary = ticket.canary
      other.trackCount = file.trackCount
      emit(
        .end(
          video: TrackGathering.number(ofTrack: index + 1, video: ticket.number), file: other,
          crops: crops[index + 1]))
    }
  }
}
