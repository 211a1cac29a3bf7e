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
