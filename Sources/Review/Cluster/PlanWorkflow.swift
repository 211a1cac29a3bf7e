import Decoder
import Foundation
import Isolation
import Runs
import Scanning
package import Verdicts

/// How a plan is divided into shards.
package enum ShardSize: Sendable {
  case count(Int)
  /// Sized so that a shard takes about this long on a machine like this one, with this number of workers.
  case minutes(Double, workers: Int)
}

/// What a plan is made of.
package struct PlanOptions: Sendable {
  package var inputs: [[UInt8]]
  package var size: ShardSize
  package var followSymlinks = false
  /// Leave out files in folders that have no extension of videos, instead of looking at their content.
  package var onlyExtensions = false

  package init(_ inputs: [[UInt8]], size: ShardSize) {
    self.inputs = inputs
    self.size = size
  }
}

/// Result of planning.
package struct PlanSummary: Sendable {
  package let text: String
  /// Folders that could not be read, so that the plan lacks their videos.
  package let folderFailures: [FolderFailure]
}

/// Writes a plan for a cluster: the list of all videos in some inputs, divided into shards.
///
/// - Throws: `WorkflowError` when there is no video or the plan cannot be written.
package func planScan(_ options: PlanOptions, to path: String) throws -> PlanSummary {
  let (inputs, size, followSymlinks) = (options.inputs, options.size, options.followSymlinks)
  var videos: [ShardPlan.Video] = []
  let found = VideoSearch(inputs: inputs, followSymlinks: followSymlinks, onlyExtensions: options.onlyExtensions)
    .forEach { file in
      let bytes = FileStatus(path: file.path, followSymlinks: followSymlinks)?.sizeBytes ?? 0
      videos.append(.init(path: VideoPath(file.path), root: VideoPath(file.root), bytes: bytes))
      return true
    }
  guard !videos.isEmpty else {
    let why = found.notes.isEmpty ? "" : " (\(found.notes.joined(separator: "; ")))"
    throw WorkflowError.input(
      path: inputs.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "),
      why: "contains no video" + why)
  }
  let shards: Int
  var measured = ""
  switch size {
  case .count(let count): shards = count
  case .minutes(let minutes, let workers):
    let seconds = try secondsPerVideo(videos.map(\.path), workers: workers, followSymlinks: followSymlinks)
    shards = max(1, Int((seconds * Double(videos.count) / (60 * minutes)).rounded(.up)))
    measured = String(format: ", %.2f s a video here", seconds)
  }
  let plan: ShardPlan
  do {
    plan = try ShardPlan(
      videos: videos, shards: min(shards, videos.count), followSymlinks: followSymlinks,
      leftOut: found.leftOut)
    try plan.write(to: path)
  } catch { throw WorkflowError.explaining(error) }
  let counts =
    "\(plan.header.videos) \(plan.header.videos == 1 ? "video" : "videos") in \(plan.header.shards) "
    + (plan.header.shards == 1 ? "shard" : "shards")
  let notes = found.leftOut.line.map { "\n" + $0 } ?? ""
  return PlanSummary(text: "\(path): \(counts)\(measured)\(notes)", folderFailures: found.failures)
}

/// Scans a few videos spread over the list, with default settings, to measure the time per video.
private func secondsPerVideo(_ paths: [VideoPath], workers: Int, followSymlinks: Bool) throws -> Double {
  let sample = Swift.stride(from: 0, to: paths.count, by: max(1, paths.count / 12)).map { paths[$0].bytes }
  let folder = FileManager.default.temporaryDirectory.appending(path: "assay-plan-\(UUID().uuidString)").path
  // A leftover folder in the temporary directory is harmless.
  defer { try? FileManager.default.removeItem(atPath: folder) }
  var options = ScanOptions()
  options.inputs = sample
  options.output = folder
  options.workers = workers
  options.followSymlinks = followSymlinks
  options.quiet = true
  let scan = try scanVideos(settings: ScanSettings(), options: options)
  if let signal = scan.interruptedBy {
    throw WorkflowError.interrupted(signal: signal, rest: "no plan was written; start it again")
  }
  return scan.seconds / Double(sample.count)
}
