/// Settings of a kernel classifier on the statistics of a network's first part.
package struct KernelOptions: Sendable {
  /// Augmented copies of each training crop beside the crop itself.
  package var copies = 0
  /// Principal components of the statistics.
  package var components = 128
  /// Solves once more with the validation part among the samples, when it has chosen the settings.
  package var refits = false
  /// What is tried.
  package var grid = KernelSearch.Grid()

  package init() {}

  var recorded: [String: String] {
    [
      "kernel-copies": "\(copies)", "kernel-components": "\(components)",
      "kernel-refit": "\(refits)",
    ]
  }
}
