/// One step of a pipeline, owned by one worker: items in, any number of items out.
///
/// Each worker builds its own stage in its own thread, so a stage may hold handles that must not be shared.
public protocol Stage: ~Copyable, SendableMetatype {
  associatedtype Input: Sendable
  associatedtype Output: Sendable

  /// What reports call this stage: one lower-case word.
  static var name: String { get }

  /// Handles one item; `emit` blocks while the next queue is full.
  ///
  /// A fault that belongs to an item (a broken video) is best emitted as an item. What is thrown goes to the failure
  /// handler with the item, and the stage is asked for the next one: it must still be usable.
  mutating func process(_ item: Input, emit: (Output) -> Void) throws

  /// Called once when the input has ended, for what is still held back (the last, short batch).
  mutating func finish(emit: (Output) -> Void) throws
}

extension Stage where Self: ~Copyable {
  public mutating func finish(emit: (Output) -> Void) throws {}
}

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
