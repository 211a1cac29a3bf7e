import ArgumentParser
import Foundation
import Review

/// `assay plan`: the list that a cluster scans.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "List the videos of a scan, cut into shards, for a cluster.",
    discussion: """
      Each element of a job array then runs 'assay scan --plan FILE --shard auto -o PARTS', and 'assay merge FILE PARTS \
      -o DIR' joins what they found. The list never changes: videos that come later are for the next plan.
      """)

  @Argument(help: "Video files or folders, as all elements see them.")
  var inputs: [String]

  @Option(name: [.short, .long], help: "The plan's file; must not be there yet.")
  var output: String

  @Option(help: "Number of shards.")
  var shards: Int?

  @Option(help: "Make shards that last about this many minutes; a few videos are scanned to see how long they take.")
  var minutes: Double?

  @Option(help: "Decoder processes of an element, for --minutes; 0 means one per core of this machine.")
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
