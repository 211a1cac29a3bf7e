import Imaging

extension [Detection] {
  /// The surest detections, without those that overlap a surer one by more than `limit` (intersection over union); the
  /// surest first.
  func suppressingOverlaps(above limit: Double) -> [Detection] {
    var kept: [Detection] = []
    for (_, candidate) in enumerated().sorted(by: {
      ($1.element.confidence, $0.offset) < ($0.element.confidence, $1.offset)
    })
    where kept.allSatisfy({ $0.box.overlap(candidate.box) <= limit }) {
      kept.append(candidate)
    }
    return kept
  }
}
