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
      try checkCommand(Array(CommandLine.arguments.dropFirst()))
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

  /// - Throws: `WorkflowError.usage` for a first word that is no command, with the nearest one.
  private static func checkCommand(_ words: [String]) throws {
    let names = configuration.subcommands.map { $0._commandName } + ["help"]
    let word = words.first == "help" ? words.dropFirst().first : words.first
    guard let word, !word.hasPrefix("-"), !names.contains(word) else { return }
    let near = names.min { distance(word, $0) < distance(word, $1) }.flatMap { distance(word, $0) <= 2 ? $0 : nil }
    throw WorkflowError.usage(
      "there is no command '\(word)'" + (near.map { "; did you mean assay \($0)?" } ?? "")
        + " (assay --help lists them)")
  }

  /// Letters to insert, delete or replace to make one word of the other (Levenshtein 1966).
  private static func distance(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first), Array(second))
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
        diagonal = above
      }
    }
    return row[b.count]
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
