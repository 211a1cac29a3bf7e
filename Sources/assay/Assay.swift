import ArgumentParser
import Files
import Foundation
import Isolation
import Runs

/// The command line: arguments in, exit code out.
@main
struct Assay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay",
    abstract: "Estimates for each video the probability that a face in it was swapped or synthesised.",
    version: assayVersion,
    subcommands: [
      Scan.self, PlanCommand.self, Merge.self, Export.self, Verify.self, Compare.self, History.self, Calibrate.self,
      Crops.self, Train.self, Evaluate.self, LabelFaces.self, TrainFaces.self, CompareFaces.self, AttackCommand.self,
      GANCommand.self, StudyCommand.self, Report.self, ModelCommand.self, PipelinesCommand.self, Doctor.self,
      DecodeWorkerCommand.self,
    ])

  static func main() {
    SchedulingPriority.keep()
    do {
      let arguments = try expandedArguments()
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch let error as WorkflowError {
      FileHandle.standardError.write(Data("assay: \(error)\n".utf8))
      Foundation.exit(error.exitCode)
    } catch  where error is ExitCode || exitCode(for: error) != .failure {
      exit(withError: error)
    } catch {
      // A fault of the run; 1 belongs to --fail-on.
      FileHandle.standardError.write(Data("assay: \(explanation(of: error))\n".utf8))
      Foundation.exit(2)
    }
  }

  /// The arguments with `--pipeline` replaced by its settings; ends with the usage of the command that it was given to
  /// where that fails.
  private static func expandedArguments() throws -> [String] {
    let given = Array(CommandLine.arguments.dropFirst())
    do { return try PipelineFile.expand(given, for: Assay.self) } catch let error as ValidationError {
      guard let command = PipelineFile.command(Array(given.prefix(2)), below: Assay.self) else { throw error }
      let help = helpMessage(for: command).components(separatedBy: "\n")
      let usage = help.drop { !$0.hasPrefix("USAGE:") }.prefix { !$0.isEmpty }.joined(separator: "\n")
      FileHandle.standardError.write(Data("Error: \(error.message)\n\(usage)\n".utf8))
      Foundation.exit(64)
    }
  }
}
