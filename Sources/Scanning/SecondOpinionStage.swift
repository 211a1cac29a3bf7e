import Decoder
import Imaging
import Models
import Pipeline
import Runs
import Scoring
import Verdicts

/// A second model, whose score does not affect the verdict.
struct SecondOpinion: Sendable {
  let model: LoadedModel

  /// - Parameter settings: face-crop settings of the scan.
  /// - Throws: `WorkflowError.model` when the model cannot be used on such crops.
  init(path: String, crops settings: FaceCropSettings) throws(WorkflowError) {
    model = try loadModel(at: path)
    let own = model.detector.cropSettings
    var used = settings
    // Crops are resized for it, and it need not have been trained with the scan's face detector.
    used.size = own.size
    used.detector = own.detector
    let differences = own.differences(from: used)
    guard differences.isEmpty else { throw .model(path: path, why: differences.joined(separator: "; ")) }
  }

  func scorer(batch: Int) throws -> FaceScorer {
    try FaceScorer(AttackModel(model), judge: Judge(model.detector), batch: batch)
  }

  /// - Parameter score: of the video; nil without one.
  func record(score: Double?) -> SecondOpinionRecord {
    SecondOpinionRecord(model: ModelRecord(name: model.detector.name, sha256: model.sha256), score: score)
  }
}

/// Passes crops through, and adds to each video the score of another model.
struct SecondOpinionStage: Stage, ~Copyable {
  static var name: String { "second opinion" }

  private let opinion: SecondOpinion
  private var scorer: FaceScorer
  /// Sides of the scan's crops and of the other model's crops, in pixels.
  private let sides: (scan: Int, own: Int)
  private var pending: [Int: [[UInt8]]] = [:]

  /// - Parameter side: side of the scan's crops, in pixels.
  init(_ opinion: SecondOpinion, side: Int, batch: Int) throws {
    self.opinion = opinion
    sides = (side, opinion.model.detector.cropSettings.size)
    scorer = try opinion.scorer(batch: batch)
  }

  mutating func process(_ item: ScanItem, emit: (ScanItem) -> Void) throws {
    switch item {
    case .crop(let video, let pixels, _):
      let crop = Frame(width: sides.scan, height: sides.scan, pixels: pixels)
      pending[video, default: []].append(crop.resized(width: sides.own, height: sides.own).pixels)
      emit(item)
    case .end(let video, let file, let count, var extras):
      let crops = pending.removeValue(forKey: video) ?? []
      if file.canary == nil {
        let judgement = file.failure == nil ? try scorer.judgement(of: file, crops: crops).judgement : nil
        extras.secondOpinion = opinion.record(score: judgement?.score)
      }
      emit(.end(video: video, file: file, crops: count, extras: extras))
    }
  }
}
