import Decoder
import Pipeline
import Scoring
package import Verdicts

/// What travels from the decoders to the network: crops as they come, and behind a video's last one its end.
enum ScanItem: Sendable {
  /// `perturbed` is what an attack made of it, where the run was asked for one.
  case crop(video: Int, pixels: [UInt8], perturbed: PerturbedLogit? = nil)
  /// `crops` is how many were sent before.
  case end(video: Int, file: DecodedFile, crops: Int, extras: ScanExtras = ScanExtras())
}

/// What stages find about a video beside its logits, where the run was asked for that.
package struct ScanExtras: Sendable {
  /// What it takes to turn the verdict.
  var margin: MarginRecord?
  /// What coding once more does to the score of a borderline video.
  var recompression: RecompressionRecord?
  /// Whether the faces seem to be perturbed; nil without faces.
  var flag: PerturbedInputRecord?
  /// What another model says.
  var secondOpinion: SecondOpinionRecord?
}

/// A video on its way into the pipeline: its place in the walk, and its path.
package struct VideoTicket: Sendable {
  package var number: Int
  package var path: [UInt8]
  /// How a known fake goes in; nil for a video of the scan.
  var canary: CanaryGuise?

  package init(number: Int, path: [UInt8], canary: CanaryGuise? = nil) {
    self.number = number
    self.path = path
    self.canary = canary
  }
}

/// Videos in, crops out; each worker owns one decoder process.
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
