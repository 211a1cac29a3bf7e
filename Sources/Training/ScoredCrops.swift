import Datasets
import Imaging
import Metrics
import Models
import Scoring
import Verdicts

/// Crops of a set with their logits from a model.
struct ScoredCrops {
  let set: CropSet
  /// Indices into the set.
  let indices: [Int]
  /// One for each of `indices`.
  let logits: [Double]
  let judge: Judge

  init(set: CropSet, indices: [Int], logits: [Double], model: DetectorModel) {
    self.set = set
    self.indices = indices
    self.logits = logits
    judge = Judge(model)
  }

  /// Items for evaluation per crop.
  func crops() -> [DetectorPerformance.Item] {
    zip(indices, logits).map { index, logit in
      item(judge.calibration.score(logit: logit), set.records[index].item)
    }
  }

  /// Items for evaluation per video, by the rules of a scan: scores are averaged per track, and the most suspicious
  /// track counts.
  ///
  /// - Throws: `VerdictsError` when a logit is NaN.
  func videos() throws(VerdictsError) -> [DetectorPerformance.Item] {
    let positions = indices.indices.filter { set.records[indices[$0]].item.kind == .video }
    let byPath = Dictionary(grouping: positions) { set.records[indices[$0]].item.path }
    var items: [DetectorPerformance.Item] = []
    for (_, positions) in byPath.sorted(by: { $0.key < $1.key }) {
      let byTrack = Dictionary(grouping: positions) { set.records[indices[$0]].track }
      let tracks = byTrack.map { track, positions in FaceTrack(id: track, observations: positions.map(observation)) }
      guard let judgement = try judge.judge(tracks), let first = positions.first else { continue }
      items.append(item(judgement.score, set.records[indices[first]].item))
    }
    return items
  }

  private func observation(_ position: Int) -> FaceObservation {
    let record = set.records[indices[position]]
    let milliseconds = Int((record.seconds * 1000).rounded())
    // Crop sets store only seconds, so milliseconds serve as ticks.
    return FaceObservation(
      pts: Int64(milliseconds), timeMs: milliseconds, box: record.box, confidence: 1, logit: logits[position])
  }

  private func item(_ score: Double, _ item: LabelledItem) -> DetectorPerformance.Item {
    DetectorPerformance.Item(
      score: score, isFake: item.label == .fake, source: item.group, method: item.method, dataset: item.dataset)
  }
}
