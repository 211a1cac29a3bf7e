import ArgumentParser
import Foundation

/// The option of commands that decode videos in processes of their own.
struct DecoderArguments: ParsableArguments {
  @Option(help: "Number of decoder processes; 0 means one per core.")
  var workers = 0

  func validate() throws {
    try require(workers, in: 0...256, "--workers")
  }

  /// How many processes that is here.
  var processes: Int { workers == 0 ? ProcessInfo.processInfo.activeProcessorCount : workers }
}
