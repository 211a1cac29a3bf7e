package import Decoder
import Faces
import Pipeline
package import Scoring

/// A video with all its logits, in the order of `file.frames[…].faces[…]`.
package struct ScoredVideo: Sendable {
  package var number: Int
  package var file: DecodedFile
  package var logits: [Float]
  /// Logits after the attack, with perturbation sizes; empty without an attack.
  package var perturbed: [PerturbedLogit] = []
  var extras = ScanExtras()
  /// The other video tracks of the file.
  var otherTracks: [ScoredVideo] = []

  package init(
    number: Int,
    file: DecodedFile,
    logits: [Float],
    perturbed: [PerturbedLogit] = [],
    extras: ScanExtras = ScanExtras()
  ) {
    self.number = number
    self.file = file
    self.logits = logits
    self.perturbed = perturbed
    self.extras = extras
  }
}

/// Computes the logits of crops and assembles them by video; batches span videos, so only the last one is partial.
struct ScoreStage: Stage, ~Copyable {
  static var name: String { "score" }

  /// A video whose crops or end are yet to come.
  private struct Pending {
    var logits: [Float] = []
    var perturbed: [PerturbedLogit] = []
    var end: (file: DecodedFile, crops: Int, extras: ScanExtras)?
  }

  private var scorer: FaceScorer
  /// Video number of each crop in the batch.
  private var owners: [Int] = []
  private var pending: [Int: Pending] = [:]

  init(_ scorer: consuming FaceScorer) {
    self.scorer = scorer
  }

  mutating func process(_ item: ScanItem, emit: (ScoredVideo) -> Void) throws {
    switch item {
    case .crop(let video, let pixels, let perturbed):
      if let perturbed { pending[video, default: Pending()].perturbed.append(perturbed) }
      scorer.append(pixels)
      owners.append(video)
      if scorer.isFull { try flush(emit) }
    case .end(let video, let file, let crops, let extras):
      pending[video, default: Pending()].end = (file, crops, extras)
      emitIfComplete(video, emit)
    }
  }

  mutating func finish(emit: (ScoredVideo) -> Void) throws {
    if !owners.isEmpty { try flush(emit) }
  }

  private mutating func flush(_ emit: (ScoredVideo) -> Void) throws {
    for (video, logit) in zip(owners, try scorer.score()) {
      pending[video, default: Pending()].logits.append(logit)
    }
    let touched = Set(owners).sorted()
    owners.removeAll(keepingCapacity: true)
    for video in touched { emitIfComplete(video, emit) }
  }

  private mutating func emitIfComplete(_ video: Int, _ emit: (ScoredVideo) -> Void) {
    guard let entry = pending[video], let end = entry.end, entry.logits.count == end.crops else { return }
    pending[video] = nil
    emit(
      ScoredVideo(
        number: video, file: end.file, logits: entry.logits, perturbed: entry.perturbed, extras: end.extras))
  }
}
