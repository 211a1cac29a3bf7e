import CPosix

/// What a worker process may use; nil leaves a limit as it is.
///
/// Past the address space, allocations fail: the decoder reports it or the process ends. Past the CPU time, SIGXCPU
/// ends the process.
public struct ResourceLimits: Sendable, Hashable {
  /// Virtual memory, program and libraries included.
  public var addressSpaceBytes: Int?
  /// CPU time for each file, in whole seconds: the kernel counts in those.
  public var cpuSecondsPerFile: Int?
  /// Greatest size of a file that it writes.
  public var fileSizeBytes: Int?
  /// Descriptors open at once.
  public var openFiles: Int?

  public init(
    addressSpaceBytes: Int? = nil, cpuSecondsPerFile: Int? = nil, fileSizeBytes: Int? = nil, openFiles: Int? = nil
  ) {
    self.addressSpaceBytes = addressSpaceBytes
    self.cpuSecondsPerFile = cpuSecondsPerFile
    self.fileSizeBytes = fileSizeBytes
    self.openFiles = openFiles
  }

  /// Limits the calling process for the rest of its life, and forbids core dumps; call once, before the first file.
  public func apply() throws(IsolationError) {
    try Self.set(cposix_limit_core, "core size", 0)
    if let fileSizeBytes { try Self.set(cposix_limit_file_size, "file size", fileSizeBytes) }
    if let openFiles { try Self.set(cposix_limit_open_files, "open files", openFiles) }
    if let addressSpaceBytes { try Self.set(cposix_limit_address_space, "address space", addressSpaceBytes) }
  }

  /// Gives the calling process the CPU time for one more file, on top of what it has used; call before each file.
  public func renewCPUTime() throws(IsolationError) {
    guard let cpuSecondsPerFile else { return }
    let used = Int(ResourceUsage.ofThisProcess().cpuSeconds.rounded(.up))
    try Self.set(cposix_limit_cpu_seconds, "CPU time", used + cpuSecondsPerFile)
  }

  private static func set(_ limit: cposix_limit, _ name: String, _ value: Int) throws(IsolationError) {
    precondition(value >= 0, "the limit \(name) cannot be \(value)")
    let result = cposix_set_limit(limit, UInt64(value))
    guard result == 0 else { throw .limit(name: name, errno: -result) }
  }
}

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
