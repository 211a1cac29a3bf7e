import ArgumentParser
import Training

/// The options of `assay train` that find a kernel classifier instead of descending gradients.
struct KernelArguments: ParsableArguments {
  @Flag(
    help: """
      Solve for a kernel classifier on the network's statistics (residual-cooccurrence), instead of training in epochs.
      """)
  var kernel = false

  @Option(help: "Augmented copies of each training crop beside the crop itself.")
  var kernelCopies = 0

  @Option(help: "Principal components of the statistics that the kernel sees.")
  var kernelComponents = 128

  @Flag(
    help: """
      Solve once more with the validation part among the samples, when it has chosen the settings; calibration and \
      thresholds are then fitted to what its crops get without their own sources.
      """)
  var kernelRefit = false

  func validate() throws {
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
