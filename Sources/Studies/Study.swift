import Compute
import Runs

/// A question that cells answer: experiments that differ in a few factors, each measured by itself.
///
/// The settings of a study are in `pipelines/studies/NAME.yaml`; a type says how they are run out of the workflows that
/// train, attack and scan, and what the results say. Cells are written down as they are finished, so a study that was
/// stopped goes on with those that are missing.
package protocol Study: Sendable {
  static var about: StudyAbout { get }

  /// Whether the study looks at networks that it trains itself, and so takes no models.
  static var trainsNetworks: Bool { get }

  /// Reads settings and hashes data and models; no long work.
  ///
  /// - Throws: `WorkflowError` that says what to do.
  init(_ request: StudyRequest) throws

  /// The data and the models that the results come from.
  var sources: [StudySource] { get }

  /// Makes what all cells need, such as crops of another size, below the bench's folder; what is there already is kept.
  mutating func prepare(_ bench: StudyBench) throws

  /// All cells in the order in which they run and are reported.
  func cells() throws -> [StudyCell]

  /// - Returns: nil when the run was interrupted.
  func run(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyRecord?

  /// What the records say.
  ///
  /// - Parameter records: one for each cell, in order.
  func findings(_ records: [StudyRecord], _ bench: StudyBench) throws -> StudyFindings
}

extension Study {
  static var trainsNetworks: Bool { false }

  mutating func prepare(_ bench: StudyBench) throws {}
}

/// What a study is asked for.
package struct StudyRequest: Sendable {
  package let settings: StudySettings
  /// Files and folders of the command line.
  package let inputs: [String]
  /// Models of the command line; empty for the study's own choice.
  package let models: [String]
  /// Split file, or a model whose split is taken; nil where that of the model under study is meant, or one of the seed.
  package let splitPath: String?
  package let seed: UInt64
}

/// Data or a model that results come from.
package struct StudySource: Sendable, Codable, Equatable {
  /// What it is for the study, for example `crops`.
  package var name: String
  package var path: String
  /// Of the content, lower-case hexadecimal.
  var sha256: String
}

/// Where cells work.
package struct StudyBench: Sendable {
  /// For what the study keeps between its cells: crops, models, films.
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
