/// What went wrong in a stage, as the failure handler sees it.
public enum StageFailure: Error {
  /// `process` threw; the worker goes on with the next item.
  case item(any Error)
  /// No worker of the stage could be built, so nobody could process the item; this is the last worker's error.
  case noWorker(any Error)

  /// The error that was thrown.
  public var underlying: any Error {
    switch self {
    case .item(let error), .noWorker(let error): error
    }
  }
}

/// A fault of a run that belongs to no single item.
public struct RunFault: Error, CustomStringConvertible {
  public enum Moment: Sendable, Hashable {
    /// A worker could not be built; the others of its stage went on without it.
    case start
    /// `finish` threw; what the stage held back is lost.
    case finish
    /// The source threw; the items that it had emitted were processed.
    case source
  }

  public let stage: String
  public let moment: Moment
  public let error: any Error

  public var description: String {
    switch moment {
    case .start: "A worker of stage \(stage) did not start: \(error)"
    case .finish: "Stage \(stage) could not hand over its last items: \(error)"
    case .source: "The source \(stage) stopped early: \(error)"
    }
  }
}
