import ArgumentParser
import Review
import Scanning

/// The options of `assay scan` for one element of a job array, and for one process of a bigger pipe.
struct ClusterArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Scan a shard of this plan (made by 'assay plan') into part-N in the output folder.", valueName: "file"))
  var plan: String?

  @Option(
    help: ArgumentHelp(
      "Index of the shard, from 0, or auto for the task's index in a job array of Slurm, Kubernetes or AWS Batch.",
      valueName: "shard"),
    transform: { text in
      guard let index = ShardIndex(text) else {
        throw ValidationError("'\(text)' is neither auto nor a number from 0.")
      }
      return index
    })
  var shard: ShardIndex?

  @Flag(help: "Read paths from stdin and write one row per path to stdout as JSON lines; no manifests.")
  var filter = false

  func validate() throws {
    guard (plan == nil) == (shard == nil) else {
      throw ValidationError("--plan FILE and --shard auto (or a number) belong together.")
    }
    guard plan == nil || !filter else { throw ValidationError("--plan and --filter exclude each other.") }
  }

  /// Whether the videos come from here and not from the arguments.
  var hasOwnInput: Bool { plan != nil || filter }

  /// - Returns: whether there was something to do.
  func run(settings: ScanSettings, options: ScanOptions) throws -> Bool {
    if filter {
      try filterPaths(settings: settings, options: options)
      return true
    }
    guard let plan, let shard else { return false }
    let summary = try scanShard(plan: plan, shard: shard, settings: settings, options: options)
    if !options.quiet { print(summary.line) }
    if let signal = summary.interruptedBy { throw ExitCode(128 + signal) }
    return true
  }
}
