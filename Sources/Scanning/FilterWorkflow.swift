import Decoder
import Foundation
import Pipeline
import Runs
import Scoring
import Verdicts

/// Answers each path that comes on standard input with its row as one line of JSON on standard output, at once and in
/// order: for Spark's `pipe()` and the like, which run many such processes side by side.
///
/// A row is the one that a scan with the same settings writes. A file that crashes the decoder gets its row too.
/// Neither manifests nor ledger are written.
///
/// - Throws: `WorkflowError` when the run itself cannot go on.
package func filterPaths(settings: ScanSettings, options: ScanOptions) throws {
  let model = try loadModel(at: options.modelPath)
  model.warnIfUncalibrated()
  let plan = try ScanPlan(settings: settings, model: model)
  let stages = try SequentialStages(ScanPass(plan: plan, settings: settings, options: options))
  var number = 0
  var lines = ByteLines.ofStandardInput()
  while let path = try lines.next() {
    let record = try plan.record(of: stages.scan(path, number: number))
    FileHandle.standardOutput.write(Data(try ManifestJSON.line(record)))
    number += 1
  }
}

/// The stages of a scan on the calling thread, one video at a time.
private struct SequentialStages {
  private let decode: StageBox<DecodeStage>
  private let steps: [ScanStep]
  private let score: StageBox<ScoreStage>

  init(_ pass: ScanPass) throws {
    var collector = StepCollector()
    try pass.addCropStages(to: &collector)
    decode = StageBox(pass.decodeStage())
    steps = collector.steps
    score = StageBox(try pass.scoreStage())
  }

  /// - Throws: when the run cannot go on; what is wrong with the file is in the result.
  func scan(_ path: [UInt8], number: Int) throws -> ScoredVideo {
    let video = try once(VideoTicket(number: number, path: path))
    // Like a scan, which reads files that changed while they were read a second time.
    return video.file.failure?.reason == .changed ? try once(VideoTicket(number: number, path: path)) : video
  }

  private func once(_ ticket: VideoTicket) throws -> ScoredVideo {
    var scored: ScoredVideo?
    var tracks = TrackGathering()
    var failure: (any Error)?
    try decode.stage.process(ticket) { item in
      guard failure == nil else { return }
      do { try pass(item, fromStep: 0) { scored = tracks.add($0) ?? scored } } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    // The last batch of the video, which is not filled up with crops of the next one.
    try score.stage.finish { scored = tracks.add($0) ?? scored }
    guard let scored else {
      preconditionFailure("the stages of a scan lost video \(ticket.number)")
    }
    return scored
  }

  private func pass(_ item: ScanItem, fromStep index: Int, _ take: (ScoredVideo) -> Void) throws {
    guard index < steps.count else { return try score.stage.process(item, emit: take) }
    var items: [ScanItem] = []
    try steps[index](item) { items.append($0) }
    for item in items { try pass(item, fromStep: index + 1, take) }
  }
}

/// One stage between decoding and scoring, as a function.
private typealias ScanStep = (_ item: ScanItem, _ emit: (ScanItem) -> Void) throws -> Void

/// Builds each stage where it is added.
private struct StepCollector: CropStageTaker {
  private(set) var steps: [ScanStep] = []

  mutating func add<S: Stage & ~Copyable>(_ make: @escaping @Sendable () throws -> S) throws
  where S.Input == ScanItem, S.Output == ScanItem {
    let box = StageBox(try make())
    steps.append { item, emit in try box.stage.process(item, emit: emit) }
  }
}

/// Lets closures share a stage, which cannot be copied.
private final class StageBox<S: Stage & ~Copyable> {
  var stage: S

  init(_ stage: consuming S) { self.stage = stage }
}
