import ArgumentParser
import Training

/// The options of `assay train` that find a kernel classifier instead of descending gradients.
struct KernelArguments: ParsableArguments {
  @Flag(
    help: """
      Fit a kernel classifier to the network's statistics (residual-cooccurrence) in closed form, instead of training in epochs.
      """)
  var kernel = false

  @Option(help: "Augmented copies of each training crop, in addition to the crop itself.")
  var kernelCopies = 0

  @Option(help: "Number of principal components of the statistics.")
  var kernelComponents = 128

  @Flag(
    help: """
      Refit with the validation part among the samples, after it has determined the settings; calibration and \
      thresholds are then fitted to leave-source-out scores.
      """)
  var kernelRefit = false

  func validate() throws {
    try require(
      "--kernel", kernel, beside: ["--kernel-copies", "--kernel-components", "--kernel-refit"])
    try require(kernelCopies, in: 0...16, "--kernel-copies")
    try require(kernelComponents, in: 2...4096, "--kernel-components")
  }

  /// Nil when the network is trained in epochs.
  var options: KernelOptions? {
    guard kernel else { return nil }
    var options = KernelOptions()
    options.copies = kernelCopies
    options.components = kernelComponents
    options.refits = kernelRefit
    return options
  }
}
