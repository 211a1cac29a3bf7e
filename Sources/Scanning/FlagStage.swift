import Attacks
import Decoder
import Pipeline
import Scoring
import Verdicts

/// Passes crops through, and adds to each video whether its faces seem to be perturbed.
struct FlagStage: Stage, ~Copyable {
  static var name: String { "flag" }

  private let flag: PerturbedFlag
  private let meter: DisagreementMeter
  private let side: Int
  private var pending: [Int: [Double]] = [:]

  /// - Parameter side: side of the crops, in pixels.
  init(_ flag: PerturbedFlag, _ meter: DisagreementMeter, side: Int) {
    self.flag = flag
    self.meter = meter
    self.side = side
  }

  mutating func process(_ item: ScanItem, emit: (ScanItem) -> Void) throws {
    switch item {
    case .crop(let video, let pixels, _):
      let crop = CropPixels(width: side, height: side, bytes: pixels)
      pending[video, default: []].append(try meter.measure(crop))
      emit(item)
    case .end(let video, let file, let count, var extras):
      let disagreements = pending.removeValue(forKey: video) ?? []
      extras.flag =
        file.failure != nil
        ? nil
        : PerturbedFlag.statistic(disagreements).map { disagreement in
          PerturbedInputRecord(
            disagreement: disagreement, threshold: flag.threshold, falseAlarmRate: flag.falseAlarmRate)
        }
      emit(.end(video: video, file: file, crops: count, extras: extras))
    }
  }
}
