/// Settings of a kernel classifier on the statistics of a network's first part.
public struct KernelOptions: Sendable {
  /// Augmented copies of each training crop beside the crop itself.
  public var copies = 0
  /// Principal components of the statistics.
  public var components = 128
  /// Solves once more with the validation part among the samples, when it has chosen the settings.
  public var refits = false
  /// What is tried.
  var grid = KernelSearch.Grid()

  public init() {}

  var recorded: [String: String] {
    [
      "kernel-copies": "\(copies)", "kernel-components": "\(components)",
      "kernel-refit": "\(refits)",
    ]
  }
}
