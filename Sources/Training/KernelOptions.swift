/// Settings of a kernel classifier on the statistics computed by a network's fixed first part.
package struct KernelOptions: Sendable {
  /// Augmented copies per training crop, in addition to the crop itself.
  package var copies = 0
  /// Number of principal components of the statistics.
  package var components = 128
  /// Whether to refit with the validation part included once it has selected the hyperparameters.
  package var refits = false
  /// Hyperparameter grid.
  package var grid = KernelSearch.Grid()

  package init() {}

  var recorded: [String: String] {
    [
      "kernel-copies": "\(copies)", "kernel-components": "\(components)",
      "kernel-refit": "\(refits)",
    ]
  }
}
