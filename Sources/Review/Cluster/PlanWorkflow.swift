import Foundation
import Isolation
import Runs
import Scanning
import Verdicts

/// How a plan is divided into shards.
package enum ShardSize: Sendable {
  case count(Int)
  /// Sized so that a shard takes about this long on a machine like this one, with this number of workers.
  case minutes(Double, workers: Int)
}

/// Writes a plan for a cluster: the list of all videos in some inputs, divided into shards.
///
/// - Returns: a one-sentence summary.
/// - Throws: `WorkflowError` when there is no video or the plan cannot be written.
package func planScan(_ inputs: [[UInt8]], size: ShardSize, followSymlinks: Bool, to path: String) throws -> String {
  var videos: [(path: VideoPath, bytes: Int64)] = []
  let skipped = SkippedInputs()
  skipped.set(
    InputWalk(inputs: inputs, followSymlinks: followSymlinks).forEach { path in
      videos.append((VideoPath(path), FileStatus(path: path, followSymlinks: followSymlinks)?.sizeBytes ?? 0))
      return true
    })
  guard !videos.isEmpty else {
    throw WorkflowError.input(
      path: inputs.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "), why: "contains no video")
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
    plan = try ShardPlan(videos: videos, shards: min(shards, videos.count), followSymlinks: followSymlinks)
    try plan.write(to: path)
  } catch { throw WorkflowError.explaining(error) }
  let notes = skipped.notes.map { "\n" + $0 }.joined()
  return "\(path): \(plan.header.videos) videos in \(plan.header.shards) shards\(measured)\(notes)"
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
  return try scanVideos(settings: ScanSettings(), options: options).seconds / Double(sample.count)
}
