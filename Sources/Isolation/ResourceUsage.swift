import CPosix

/// What a process has used.
public struct ResourceUsage: Sendable, Hashable {
  /// Greatest resident size, in bytes.
  public let peakMemoryBytes: Int64
  /// User and system time of all threads.
  public let cpuSeconds: Double

  init(peakMemoryBytes: Int64, cpuSeconds: Double) {
    self.peakMemoryBytes = peakMemoryBytes
    self.cpuSeconds = cpuSeconds
  }

  /// The calling process so far.
  public static func ofThisProcess() -> ResourceUsage {
    var memory: Int64 = 0
    var seconds = 0.0
    cposix_own_usage(&memory, &seconds)
    return ResourceUsage(peakMemoryBytes: memory, cpuSeconds: seconds)
  }

  /// The processes that this one started and that have ended: memory of the largest, time of all.
  public static func ofEndedChildren() -> ResourceUsage {
    var memory: Int64 = 0
    var seconds = 0.0
    cposix_children_usage(&memory, &seconds)
    return ResourceUsage(peakMemoryBytes: memory, cpuSeconds: seconds)
  }
}
