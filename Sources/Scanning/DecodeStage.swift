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
    var crops = 0
    let recompression = ticket.canary == .recompressed ? Canaries.recompression : nil
    var file = try client.decode(ticket.path, recompressed: recompression) { pixels in
      crops += 1
      emit(.crop(video: ticket.number, pixels: pixels))
    }
    file.canary = ticket.canary
    emit(.end(video: ticket.number, file: file, crops: crops))
  }
}
