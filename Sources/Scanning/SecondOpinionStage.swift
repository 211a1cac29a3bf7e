import Decoder
import Imaging
import Models
import Pipeline
import Runs
import Scoring
import Verdicts

/// A model that is asked beside the one that the verdict is of.
struct SecondOpinion: Sendable {
  let model: LoadedModel
  private let judge: Judge

  /// - Parameter contract: of the crops that a scan makes.
  /// - Throws: `WorkflowError.model` when it cannot be used on such crops.
  init(path: String, crops contract: Models.CropContract) throws(WorkflowError) {
    model = try loadModel(at: path)
    let own = model.detector.cropContract
    guard own.framing == contract.framing, own.filter == contract.filter, own.alignment == contract.alignment else {
      throw .model(
        path: path,
        why:
          "it was trained on crops of margin \(own.framing.margin) and offset \(own.framing.offset), filter \(own.filter), alignment \(own.alignment), this scan's "
          + "have margin \(contract.framing.margin) and offset \(contract.framing.offset), filter \(contract.filter), alignment \(contract.alignment)"
      )
    }
    judge = Judge(thresholds: model.detector.thresholds, calibration: model.detector.calibration)
  }

  /// - Parameter logits: of the file's faces, in their order.
  func record(of file: DecodedFile, logits: [Float]) throws -> SecondOpinionRecord {
    let judgement =
      file.failure == nil && !logits.isEmpty
      ? try judge.judge(FaceTrack.tracks(of: file, logits: logits)) : nil
    return SecondOpinionRecord(
      model: ModelRecord(name: model.detector.name, sha256: model.sha256), score: judgement?.score)
  }
}

/// Crops in, the same crops out, and with each video what another model says of it.
struct SecondOpinionStage: Stage, ~Copyable {
  static var name: String { "second opinion" }

  private let opinion: SecondOpinion
  private var scorer: BatchScorer
  /// Of the scan's crops, and of those that the other model takes.
  private let sides: (scan: Int, own: Int)
  private var pending: [Int: [[UInt8]]] = [:]

  /// - Parameter side: of the scan's crops.
  init(_ opinion: SecondOpinion, side: Int, batch: Int) throws {
    self.opinion = opinion
    sides = (side, opinion.model.detector.cropContract.size)
    scorer = try BatchScorer(opinion.model.detector, batch: batch)
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
        extras.secondOpinion = try opinion.record(of: file, logits: try scorer.logits(of: crops))
      }
      emit(.end(video: video, file: file, crops: count, extras: extras))
    }
  }
}
