import Foundation
import NeuralNet
import Runs
import Safetensors

/// What is to become of a model or checkpoint that is at the output already.
package enum EarlierOutput: Sendable {
  /// Go on with an unfinished training of the same settings; refuse anything else.
  case keep
  /// Begin anew.
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
        throw .settings("\(output) is there and is no model of assay: choose another name, or say --overwrite")
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
        "\(path) is there and cannot be read (\(error)): choose another name, or say --overwrite to replace it")
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
        + "settings, or say --overwrite to begin anew")
  }
}

extension TrainOptions {
  /// Decides what becomes of an earlier training at the output, and says so.
  ///
  /// - Returns: a sentence when nothing is left to do.
  package mutating func settle(_ choice: EarlierOutput) throws -> String? {
    guard choice == .keep, !resume else { return nil }
    let earlier = try EarlierTraining(output: output, checkpoint: checkpointPath, recorded: recorded)
    switch earlier {
    case .nothing: return nil
    case .unfinished:
      if !quiet { writeToStandardError("going on from \(checkpointPath); --overwrite begins anew\n") }
      resume = true
      return nil
    case .finished:
      return "\(output) was trained with these settings already; --overwrite trains it again"
    }
  }
}

extension GANOptions {
  /// Decides what becomes of an earlier training at the output, and says so.
  package mutating func settle(_ choice: EarlierOutput) throws -> String? {
    guard choice == .keep, !resume else { return nil }
    // A finished training keeps its checkpoint, from which more steps can be made.
    let earlier = try EarlierTraining(
      output: output, checkpoint: checkpointPath, recorded: recorded(madeDesign()), ignored: ["steps"])
    switch earlier {
    case .nothing: return nil
    case .unfinished:
      if !quiet { writeToStandardError("going on from \(checkpointPath); --overwrite begins anew\n") }
      resume = true
      return nil
    case .finished:
      return "\(output) was trained with these settings already; --overwrite trains it again"
    }
  }
}
