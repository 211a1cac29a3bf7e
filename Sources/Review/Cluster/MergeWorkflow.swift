import Foundation
import Isolation
import Ledger
import Runs
package import Scanning
import Verdicts

/// Merges the parts of a plan into manifests and ledger, as if one scan had processed all videos.
///
/// - Parameters:
///   - path: the plan.
///   - folder: folder of the parts.
///   - options: output, ledger and related options.
/// - Throws: `WorkflowError.input` unless every planned video is present exactly once, in parts of this plan that were
///   all made with the same model and settings.
package func mergeParts(plan path: String, parts folder: String, options: ScanOptions) throws -> ScanSummary {
  do {
    let plan = try ShardPlan(path: path)
    return try merge(plan, try checkedHeaders(plan, folder), folder, options)
  } catch { throw WorkflowError.explaining(error) }
}

/// Reads all parts once, before anything is written.
private func checkedHeaders(_ plan: ShardPlan, _ folder: String) throws -> [ShardPart.Header] {
  let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
  guard let names else { throw WorkflowError.input(path: folder, why: "not a folder of shards") }
  let expected = (0..<plan.header.shards).map { "part-\($0)" }
  let missing = expected.filter { !names.contains($0) }
  guard missing.isEmpty else {
    let listed = missing.prefix(10).joined(separator: ", ") + (missing.count > 10 ? ", …" : "")
    throw WorkflowError.input(
      path: folder, why: "\(counted(missing.count, "parts")) \(missing.count == 1 ? "is" : "are") missing: \(listed)")
  }
  if let surplus = names.filter({ $0.hasPrefix("part-") && !expected.contains($0) }).min() {
    throw WorkflowError.input(path: "\(folder)/\(surplus)", why: "the plan has no such shard")
  }
  var headers: [ShardPart.Header] = []
  for shard in 0..<plan.header.shards {
    let path = ShardPart.path(of: shard, in: folder)
    let part = try ShardPart(path: path)
    guard part.header.planId == plan.header.id, part.header.shard == shard else {
      throw WorkflowError.input(path: path, why: "it belongs to another plan or shard")
    }
    if let first = headers.first, first.context != part.header.context || first.assayVersion != part.header.assayVersion
    {
      throw WorkflowError.input(
        path: path, why: "its model, settings or versions are not those of part-0: scan this shard again")
    }
    guard part.rows.map(\.path) == plan.videos(of: shard).map(\.path) else {
      throw WorkflowError.input(path: path, why: "it does not hold every video of its shard exactly once")
    }
    headers.append(part.header)
  }
  return headers
}

private func merge(
  _ plan: ShardPlan, _ headers: [ShardPart.Header], _ folder: String, _ options: ScanOptions
) throws -> ScanSummary {
  guard let context = headers.first?.context, let started = headers.map(\.startedAt).min() else {
    throw WorkflowError.input(path: folder, why: "the plan has no shards")
  }
  let begin = monotonicSeconds()
  let outputLock = try OutputLock(folder: options.output)
  let ledgerLock = try OutputLock(ledger: options.ledgerPath)
  defer {
    withExtendedLifetime(outputLock) {}
    withExtendedLifetime(ledgerLock) {}
  }
  let ledger = try Ledger(path: options.ledgerPath)
  let run = try ledger.beginRun(
    at: started, assayVersion: assayVersion, host: ProcessInfo.processInfo.hostName, key: VerdictKey(context))
  var writer = try ManifestWriter(folder: options.output)
  var table = TableRows()
  for header in headers {
    for row in try ShardPart(path: ShardPart.path(of: header.shard, in: folder)).rows {
      let record = try writer.append(line: row.line)
      try ledger.record(
        record, identity: identity(of: record, followSymlinks: plan.header.followSymlinks),
        openedAt: header.startedAt, in: run)
      table.add(record)
    }
  }
  let finished = Timestamp.now
  let header = RunHeader(
    assayVersion: assayVersion, startedAt: started, finishedAt: finished, host: ProcessInfo.processInfo.hostName,
    isComplete: true, counts: writer.summary, distribution: writer.distribution,
    context: context, modelCard: headers.first?.modelCard, leftOut: plan.header.leftOut ?? LeftOutCounts())
  let summary = ScanSummary(
    header: header, rows: table.sorted, rowsLeftOut: table.leftOut, folder: writer.folder,
    skipped: [header.leftOut.line].compactMap(\.self),
    seconds: monotonicSeconds() - begin, interruptedBy: nil)
  let distribution = writer.distribution
  try writer.finish(header: header, missingLabel: options.submissionMissing)
  try ledger.finish(run, at: finished, isComplete: true, newlyScanned: distribution)
  return summary
}

/// Identity of the file on this machine (device numbers differ between machines), if it is still the scanned file.
private func identity(of record: VideoRecord, followSymlinks: Bool) -> FileIdentity? {
  guard let status = FileStatus(path: record.source.path.bytes, followSymlinks: followSymlinks),
    status.sizeBytes == record.source.sizeBytes,
    status.modifiedNanoseconds == record.source.mtime?.nanosecondsSinceEpoch
  else { return nil }
  return FileIdentity(status)
}
