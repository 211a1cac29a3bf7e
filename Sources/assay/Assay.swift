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
      Scan.self, PlanCommand.self, Merge.self, Export.self, Verify.self, Calibrate.self, Crops.self, Train.self,
      Evaluate.self, LabelFaces.self, TrainFaces.self, CompareFaces.self, AttackCommand.self, GANCommand.self,
      StudyCommand.self, Report.self, ModelCommand.self, PipelinesCommand.self, Doctor.self, DecodeWorkerCommand.self,
    ])

  static func main() {
    SchedulingPriority.keep()
    do {
      let arguments = try PipelineFile.expand(Array(CommandLine.arguments.dropFirst()), for: Assay.self)
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
}
