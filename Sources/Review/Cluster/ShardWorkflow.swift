import Files
import Foundation
import Models
import Runs
package import Scanning
import Scoring
import Synchronization
import Verdicts

/// Result of scanning one shard.
package struct ShardSummary: Sendable {
  package let line: String
  /// The signal that interrupted the scan; no part is written then.
  package let interruptedBy: Int32?
}

/// Scans one shard of a plan into `part-N`; the merge writes ledger and manifests.
///
/// - Throws: `WorkflowError` when the run itself cannot continue.
package func scanShard(
  plan path: String, shard choice: ShardIndex, settings: ScanSettings, options: ScanOptions
) throws -> ShardSummary {
  let monitor = ScanMonitor(settings: settings, options: options)
  do { return try scan(path, choice, settings, options, monitor) } catch {
    let explained = WorkflowError.explaining(error)
    monitor.failed(explained)
    throw explained
  }
}

private func scan(
  _ path: String, _ choice: ShardIndex, _ settings: ScanSettings, _ options: ScanOptions, _ monitor: ScanMonitor
) throws -> ShardSummary {
  let list = try ShardPlan(path: path)
  let shard = try choice.resolved(shards: list.header.shards)
  let model = try loadModel(at: options.modelPath)
  model.warnIfUncalibrated()
  let plan = try ScanPlan(settings: settings, model: model)
  let header = ShardPart.Header(
    planId: list.header.id, shard: shard, assayVersion: assayVersion, context: plan.context, modelCard: plan.modelCard,
    startedAt: .now)
  try makeOutputFolder(options.output)
  let target = ShardPart.path(of: shard, in: options.output)
  if let part = try? ShardPart(path: target), part.header.isSameWork(as: header) {
    return ShardSummary(line: "\(target) already exists: \(counted(part.rows.count, "videos"))", interruptedBy: nil)
  }

  Interruption.shared.install()
  Interruption.shared.onRequest { monitor.stopping("interrupted", rest: "and the shard must be scanned again") }
  let videos = list.videos(of: shard)
  monitor.started(plan.context, inputs: [])
  monitor.progress.setTotal(videos.count)
  var options = options
  options.followSymlinks = list.header.followSymlinks
  let pass = ScanPass(plan: plan, settings: settings, options: options)
  var rows: [(path: VideoPath, line: [UInt8])] = []
  var summary = RunSummary()
  _ = try pass.run({ emit in
    for (number, video) in videos.enumerated() {
      guard emit(VideoTicket(number: number, path: video.path.bytes, root: video.root?.bytes)) else { return }
    }
  }) { video in
    let record = try plan.record(of: video)
    rows.append((record.source.path, try ManifestJSON.line(record)))
    summary.add(record.finding)
    monitor.scanned(record, note: "")
  }
  monitor.ended()
  // A shard that had nothing left to do when the signal came ends as done.
  if let signal = Interruption.shared.signal, rows.count < videos.count {
    return ShardSummary(line: "interrupted: no part was written", interruptedBy: signal)
  }
  try ShardPart(header: header, rows: rows).write(to: target)
  return ShardSummary(line: "\(target): \(summary.line)", interruptedBy: nil)
}
