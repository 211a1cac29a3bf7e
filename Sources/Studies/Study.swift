import Compute
import Runs

/// A research question with its cells: experiments that differ in a few factors, each measured independently.
///
/// The settings of a study are in `pipelines/studies/NAME.yaml`. A conforming type runs them with the training, attack
/// and scan functions and interprets the results. Each finished cell is recorded at once, so an interrupted study
/// resumes with the missing cells.
package protocol Study: Sendable {
  static var about: StudyAbout { get }

  /// Whether the study trains its own networks and therefore accepts no models.
  static var trainsNetworks: Bool { get }

  /// Reads settings and hashes data and models; does no long work.
  ///
  /// - Throws: `WorkflowError` that states the remedy.
  init(_ request: StudyRequest) throws

  /// Data and models that the results depend on.
  var sources: [StudySource] { get }

  /// Creates what all cells need, such as resized crops, in the bench's folder; reuses what exists.
  mutating func prepare(_ bench: StudyBench) throws

  /// All cells, in the order in which they run and are reported.
  func cells() throws -> [StudyCell]

  /// - Returns: nil when the run was interrupted.
  func run(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyRecord?

  /// Interprets the records.
  ///
  /// - Parameter records: one per cell, in order.
  func findings(_ records: [StudyRecord], _ bench: StudyBench) throws -> StudyFindings
}

extension Study {
  static var trainsNetworks: Bool { false }

  mutating func prepare(_ bench: StudyBench) throws {}
}

/// Inputs and settings of one study run.
package struct StudyRequest: Sendable {
  package let settings: StudySettings
  /// Files and folders from the command line.
  package let inputs: [String]
  /// Models from the command line; empty for the study's default.
  package let models: [String]
  /// Split file, or model whose split to use; nil for the split of the model under study, or else one made from the
  /// seed.
  package let splitPath: String?
  package let seed: UInt64
}

/// A data set or model that results depend on.
package struct StudySource: Sendable, Codable, Equatable {
  /// Role in the study, for example `crops`.
  package var name: String
  package var path: String
  /// SHA-256 of the content, lower-case hexadecimal.
  var sha256: String
}

/// Working folder and resources of the cells.
package struct StudyBench: Sendable {
  /// Holds what cells share: crops, models, clips.
  package let folder: String
  package let workers: Int
  let interruption: Interruption

  package func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// `parallelMap` on all workers.
  ///
  /// - Returns: nil when the run was interrupted.
  package func map<Context, Value: Sendable>(
    _ count: Int, context: @Sendable () throws -> Context, _ body: @Sendable (inout Context, Int) throws -> Value
  ) throws -> [Value]? {
    try parallelMap(
      count: count, workers: workers, isCancelled: { interruption.isRequested }, context: { _ in try context() }, body)
  }
}
