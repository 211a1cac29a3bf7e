import ArgumentParser
import Foundation
import Review

/// `assay plan`: the list that a cluster scans.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "List the videos of a scan, divided into shards, for a cluster.",
    discussion: """
      Each task of a job array then runs 'assay scan --plan FILE --shard auto -o PARTS', and 'assay merge FILE PARTS \
      -o DIR' merges the results. The list is immutable: later videos belong to the next plan.
      """)

  @Argument(help: "Video files or folders, with paths that are valid on all tasks.")
  var inputs: [String]

  @Option(name: [.short, .long], help: "Plan file; must not exist yet.")
  var output: String

  @Option(help: "Number of shards.")
  var shards: Int?

  @Option(help: "Target duration of a shard in minutes; a few videos are scanned to estimate it.")
  var minutes: Double?

  @Option(help: "Decoder processes per task, for --minutes; 0 means one per core of this machine.")
  var workers = 0

  @Flag(help: "Follow symbolic links in folders.")
  var followSymlinks = false

  func validate() throws {
    guard (shards == nil) != (minutes == nil) else { throw ValidationError("give either --shards or --minutes.") }
    if let shards { try require(shards, in: 1...1_000_000, "--shards") }
    if let minutes { try require(minutes, in: 0.01...10_000, "--minutes") }
    try require(workers, in: 0...256, "--workers")
  }

  func run() throws {
    let size: ShardSize =
      if let minutes {
        .minutes(minutes, workers: workers == 0 ? ProcessInfo.processInfo.activeProcessorCount : workers)
      } else {
        .count(shards ?? 1)
      }
    print(try planScan(inputs.map { Array($0.utf8) }, size: size, followSymlinks: followSymlinks, to: output))
  }
}
