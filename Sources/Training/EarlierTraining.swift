import Foundation
import NeuralNet
import Runs
import Safetensors

/// What is to become of a model or checkpoint that is at the output already.
package enum EarlierOutput: Sendable {
  /// Resume an unfinished training of the same settings; refuse anything else.
  case keep
  /// Start over.
  case overwrite
}

/// What a training finds at its output.
enum EarlierTraining {
  case nothing
  /// A checkpoint of a training with the same settings.
  case unfinished
  /// A model that was made with the same settings.
  case finished

  /// - Parameters:
  ///   - recorded: settings of the new training.
  ///   - checkpoint: path of the checkpoint.
  ///   - ignored: settings in which both may differ.
  /// - Throws: `WorkflowError.settings` that names the differing settings.
  init(
    output: String, checkpoint: String, recorded: [String: String], ignored: Set<String> = []
  ) throws(WorkflowError) {
    if FileManager.default.fileExists(atPath: checkpoint) {
      try Self.compare(
        recorded, with: CheckpointSettings.read(try Self.metadata(of: checkpoint)), ignored: ignored,
        what: "\(checkpoint) is of a training")
      self = .unfinished
    } else if FileManager.default.fileExists(atPath: output) {
      guard let made = Self.settings(ofModel: try Self.metadata(of: output)) else {
        throw .settings("\(output) exists and is not a model of assay: choose another name, or say --overwrite")
      }
      try Self.compare(recorded, with: made, ignored: ignored, what: "\(output) is a finished model")
      self = .finished
    } else {
      self = .nothing
    }
  }

  /// The settings on the card in a model file's metadata; nil for a file of another kind.
  private static func settings(ofModel metadata: [String: String]) -> [String: String]? {
    struct Document: Decodable {
      struct Card: Decodable { let settings: [String: String] }
      let card: Card
    }
    return metadata.values.lazy.compactMap { text in
      // The other entries are not such documents.
      try? JSONDecoder().decode(Document.self, from: Data(text.utf8)).card.settings
    }.first
  }

  private static func metadata(of path: String) throws(WorkflowError) -> [String: String] {
    do { return try SafetensorsFile(path: path).metadata } catch {
      throw .settings(
        "\(path) exists and cannot be read (\(error)): choose another name, or say --overwrite to replace it")
    }
  }

  private static func compare(
    _ recorded: [String: String], with made: [String: String], ignored: Set<String>, what: String
  ) throws(WorkflowError) {
    let names = Set(recorded.keys).union(made.keys).subtracting(ignored)
    let differing = names.filter { recorded[$0] != made[$0] }.sorted()
    guard !differing.isEmpty else { return }
    let listed = differing.map { "--\($0) is \(made[$0] ?? "not given") there and \(recorded[$0] ?? "not given") here" }
    throw .settings(
      "\(what) with other settings: \(listed.joined(separator: "; ")). Choose another name with -o, give the same "
        + "settings, or say --overwrite to start over")
  }
}

/// Options of a training that resumes by itself and overwrites nothing unasked.
protocol ResumableTraining {
  var output: String { get }
  var checkpointPath: String { get }
  var resume: Bool { get set }
  var quiet: Bool { get }
  /// Settings that a resumed run must share.
  func settingsToShare() throws -> [String: String]
  /// Settings in which a resumed run may differ.
  static var freeSettings: Set<String> { get }
}

extension ResumableTraining {
  static var freeSettings: Set<String> { [] }

  /// Decides what becomes of an earlier training at the output: resumes an unfinished one of the same settings.
  ///
  /// - Returns: a sentence if nothing is left to do.
  /// - Throws: `WorkflowError.settings` that names the differing settings.
  mutating func settled(_ choice: EarlierOutput) throws -> String? {
    guard choice == .keep, !resume else { return nil }
    switch try EarlierTraining(
      output: output, checkpoint: checkpointPath, recorded: try settingsToShare(), ignored: Self.freeSettings)
    {
    case .nothing: return nil
    case .unfinished:
      if !quiet { writeToStandardError("resuming from \(checkpointPath); --overwrite starts over\n") }
      resume = true
      return nil
    case .finished:
      return "\(output) was trained with these settings already; --overwrite trains it again"
    }
  }
}

extension TrainOptions: ResumableTraining {
  func settingsToShare() -> [String: String] { recorded }

  package mutating func settle(_ choice: EarlierOutput) throws -> String? { try settled(choice) }
}

extension GANOptions: ResumableTraining {
  // A finished training keeps its checkpoint, from which more steps can be made.
  static var freeSettings: Set<String> { ["steps"] }

  func settingsToShare() throws -> [String: String] { recorded(try madeDesign()) }

  package mutating func settle(_ choice: EarlierOutput) throws -> String? { try settled(choice) }
}

extension TrainFacesOptions: ResumableTraining {
  func settingsToShare() -> [String: String] { recorded }

  package mutating func settle(_ choice: EarlierOutput) throws -> String? { try settled(choice) }
}
