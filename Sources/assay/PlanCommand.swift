import ArgumentParser
import Foundation
import Review
import Verdicts

/// `assay plan`: the list that a cluster scans.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "List the videos of a scan, divided into shards, for a cluster.",
    discussion: """
      Each task of a job array then runs 'assay scan --plan FILE --shard auto -o PARTS', and 'assay merge FILE PARTS \
      -o DIR' merges the results. The list is immutable: later videos belong to the next plan.

      Example: assay plan /srv/uploads -o plan.txt --shards 100
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

  @Flag(help: "Leave out files in folders whose extension is not one of videos, without a look at their content.")
  var onlyExtensions = false

  func validate() throws {
    guard (shards == nil) != (minutes == nil) else { throw ValidationError("give either --shards or --minutes.") }
    if let shards { try require(shards, in: 1...1_000_000, "--shards") }
    if let minutes { try require(minutes, in: 0.01...10_000, "--minutes") }
    try require(workers, in: 0...256, "--workers")
  }

  func run() throws {
    try requireInputs(inputs)
    let size: ShardSize =
      if let minutes {
        .minutes(minutes, workers: workers == 0 ? ProcessInfo.processInfo.activeProcessorCount : workers)
      } else {
        .count(shards ?? 1)
      }
    var options = PlanOptions(inputs.map { Array($0.utf8) }, size: size)
    options.followSymlinks = followSymlinks
    options.onlyExtensions = onlyExtensions
    let summary = try planScan(options, to: output)
    print(summary.text)
    for failure in summary.folderFailures {
      FileHandle.standardError.write(Data("assay: \(failure.text): the plan lacks its videos\n".utf8))
    }
    if !summary.folderFailures.isEmpty { throw ExitCode(3) }
  }
}
