import Delivery
import Digests
import Foundation
import Ledger
package import Runs
package import Verdicts

/// Exports the flagged videos of a manifest to moderation.
///
/// New findings are first stored in the ledger's outbox and delivered from there, so nothing is lost if the receiver is
/// down or this process is killed. A finding is packed once per receiver. A message whose response was lost is sent
/// again with the same key and content, so a receiver that remembers keys accepts it only once.
///
/// - Parameters:
///   - folder: folder with the `manifest.jsonl` of a run.
///   - ledgerPath: path of the ledger; nil for `assay.sqlite` in the folder.
/// - Throws: `WorkflowError` when the manifest or the ledger cannot be used.
package func exportFlagged(in folder: String, ledgerPath: String?, options: ExportOptions) throws -> ExportSummary {
  let path = ledgerPath ?? folder + "/assay.sqlite"
  guard FileManager.default.fileExists(atPath: path) else {
    throw WorkflowError.input(path: path, why: "there is no ledger, which knows what was sent: name it with --ledger")
  }
  do {
    let lock = try OutputLock(ledger: path)
    defer { withExtendedLifetime(lock) {} }
    return try handOver(manifest: folder + "/manifest.jsonl", ledger: try Ledger(path: path), options: options)
  } catch { throw WorkflowError.explaining(error) }
}

/// The flagged videos of a manifest in a receiver's format, most suspicious first.
///
/// - Throws: `WorkflowError` when the manifest cannot be used.
package func flaggedVideos(
  in folder: String, format: ModerationFormat, verdicts: [Verdict], moves: MovedRoots = MovedRoots()
) throws -> [UInt8] {
  do {
    var videos: [FlaggedVideo] = []
    try FlaggedVideo.forEach(in: folder + "/manifest.jsonl", verdicts: Set(verdicts), moves: moves) {
      videos.append($0)
    }
    videos.sort { first, second in
      let scores = [first, second].map { $0.record.finding.score ?? -1 }
      return (scores[1], first.record.source.path) < (scores[0], second.record.source.path)
    }
    return try format.body(of: videos, id: batchKey(videos))
  } catch { throw WorkflowError.explaining(error) }
}

/// - Parameter ledger: locked by the caller.
func handOver(manifest: String, ledger: Ledger, options: ExportOptions) throws -> ExportSummary {
  let backOff = BackOff(attempts: options.attempts, firstSeconds: options.firstWaitSeconds)
  let name: String
  let attempt: (Parcel) throws -> DeliveryOutcome
  var batch = options.batch
  switch options.destination {
  case .webhook(let url, let secret):
    name = options.receiver ?? url
    let webhook = WebhookReceiver(
      url: url, signature: try secret.map(signature), timeoutSeconds: options.timeoutSeconds)
    attempt = { webhook.deliver($0.body, contentType: ModerationFormat.contentType(of: $0.body), key: $0.key) }
  case .command(let command):
    name = options.receiver ?? "command: \(command)"
    batch = 1
    let receiver = CommandReceiver(command: command, timeoutSeconds: options.timeoutSeconds)
    attempt = { receiver.deliver($0.body, variables: try variables(of: $0)) }
  }
  try ledger.flushEachChange()
  let isCommand = if case .command = options.destination { true } else { false }
  try pack(manifest, for: name, into: ledger, batch: batch, options) { videos, id in
    isCommand ? videos.flatMap { $0.line + [UInt8(ascii: "\n")] } : try options.format.body(of: videos, id: id)
  }
  // A command may fail because of a single video; an unreachable server is down for all.
  return try Courier(
    ledger: ledger, receiver: name, backOff: backOff, patience: isCommand ? 3 : 1, attempt: attempt
  ).deliverAll()
}

private func signature(_ secret: String) throws(WorkflowError) -> WebhookSignature {
  guard let signature = WebhookSignature(secret: secret) else {
    throw .settings("the secret for signatures must be 16 bytes or more, or whsec_ and base64")
  }
  return signature
}

/// Adds new findings to the outbox.
private func pack(
  _ manifest: String, for receiver: String, into ledger: Ledger, batch: Int, _ options: ExportOptions,
  body: ([FlaggedVideo], _ id: String) throws -> [UInt8]
) throws {
  var videos: [FlaggedVideo] = []
  func close() throws {
    guard !videos.isEmpty else { return }
    let key = batchKey(videos)
    try ledger.pack(try body(videos, key), key: key, notices: videos.map(\.id), for: receiver, at: .now)
    videos = []
  }
  try FlaggedVideo.forEach(in: manifest, verdicts: Set(options.verdicts), moves: options.moves) { video in
    guard try !ledger.hasNotice(video.id, for: receiver) else { return }
    videos.append(video)
    if videos.count == batch { try close() }
  }
  try close()
}

/// Equal findings yield an equal key, even if the ledger was lost.
private func batchKey(_ videos: [FlaggedVideo]) -> String {
  "m_" + SHA256.hexadecimal(of: Array(videos.map(\.id).joined(separator: "\n").utf8)).prefix(32)
}

/// Environment variables for a command.
private func variables(of parcel: Parcel) throws -> [[UInt8]] {
  let record = try ManifestJSON.record(line: parcel.body, file: "the outbox")
  let texts = [
    "ASSAY_KEY": parcel.key, "ASSAY_VERDICT": record.finding.verdict.rawValue,
    "ASSAY_SCORE": record.finding.score.map { "\($0)" } ?? "", "ASSAY_SHA256": record.source.sha256 ?? "",
  ]
  return texts.map { Array("\($0.key)=\($0.value)".utf8) } + [Array("ASSAY_PATH=".utf8) + record.source.path.bytes]
}
