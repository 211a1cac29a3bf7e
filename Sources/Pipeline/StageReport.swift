/// What one stage has done so far, summed over its workers.
///
/// The stage with the greatest `busySeconds / workers` is the one that limits the run.
public struct StageReport: Sendable, Hashable {
  public let name: String
  public let workers: Int
  /// Items taken from the input, and items handed on.
  public var itemsIn = 0
  public var itemsOut = 0
  /// Items whose processing threw.
  public var failures = 0
  /// Wall time in the stage's own code.
  public var busySeconds = 0.0
  /// Wall time spent waiting for an input item.
  public var starvedSeconds = 0.0
  /// Wall time spent waiting for room in the next queue.
  public var blockedSeconds = 0.0

  public init(name: String, workers: Int) {
    self.name = name
    self.workers = workers
  }
}
