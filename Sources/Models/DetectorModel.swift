import Compute
public import Imaging
public import NeuralNet
public import Verdicts

/// A classifier with everything that a scan needs to use it: the content of a model file.
public struct DetectorModel: Sendable {
  /// A reproducible input, and the network's output for it when the file was written.
  public struct Golden: Sendable, Hashable, Codable {
    public var seed: UInt64
    public var logit: Float

    /// Kernels of other processors sum in another order; the difference is below this.
    private static let tolerance: Float = 2e-3

    /// - Throws: `ModelsError.goldenOutput` when the network's output differs on this machine.
    func verify(_ got: Float) throws(ModelsError) {
      guard abs(got - logit) <= Self.tolerance * max(1, abs(logit)) else {
        throw ModelsError.goldenOutput(expected: logit, got: got)
      }
    }
  }

  public var name: String
  /// Version of the model, assigned by its author.
  public var version: String
  /// One logit per `[3, size, size]` crop; positive means fake.
  public var network: Network
  public var preprocessing: Preprocessing
  public var cropSettings: FaceCropSettings
  /// Maps a logit to P(fake).
  public var calibration: Calibration
  public var thresholds: Thresholds
  public var card: ModelCard
  public private(set) var golden: Golden

  private static let goldenSeed: UInt64 = 20_230_211

  /// - Throws: `ModelsError.network` when the network cannot be run or does not return one logit per crop.
  public init(
    name: String, version: String = "1", network: Network, preprocessing: Preprocessing, cropSettings: FaceCropSettings,
    calibration: Calibration = .identity, thresholds: Thresholds = .even, card: ModelCard
  ) throws(ModelsError) {
    golden = Golden(seed: Self.goldenSeed, logit: 0)
    self.name = name
    self.version = version
    self.network = network
    self.preprocessing = preprocessing
    self.cropSettings = cropSettings
    self.calibration = calibration
    self.thresholds = thresholds
    self.card = card
    try checkNetwork()
    golden.logit = try goldenOutput()
    guard golden.logit.isFinite else { throw .network("its output for random pixels is not finite") }
  }

  init(
    name: String, version: String, network: Network, preprocessing: Preprocessing, cropSettings: FaceCropSettings,
    calibration: Calibration, thresholds: Thresholds, card: ModelCard, golden: Golden
  ) {
    self.name = name
    self.version = version
    self.network = network
    self.preprocessing = preprocessing
    self.cropSettings = cropSettings
    self.calibration = calibration
    self.thresholds = thresholds
    self.card = card
    self.golden = golden
  }

  /// - Throws: `ModelsError.goldenOutput` when this machine does not reproduce the output in the file.
  public func verifyGoldenOutput() throws(ModelsError) {
    try golden.verify(try goldenOutput())
  }

  /// The logit of a crop of random bytes, which exercise the whole network.
  private func goldenOutput() throws(ModelsError) -> Float {
    var generator = SeededGenerator(seed: golden.seed)
    let pixels = (0..<network.inputShape.count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 56) }
    do {
      let executor = try Executor(network, batch: 1, use: .inference)
      executor.withInput { preprocessing.write(pixels, into: $0) }
      return try executor.infer(count: 1)[0]
    } catch {
      throw .network(error.description)
    }
  }

  /// - Throws: `ModelsError.network` unless the network maps one crop to one logit.
  func checkNetwork() throws(ModelsError) {
    let size = cropSettings.size
    guard FaceCropSettings.allowedSizes.contains(size), network.inputShape.extents == [3, size, size] else {
      throw .network("crops of \(size) pixels do not fit its input \(network.inputShape)")
    }
    let shapes: [String: Shape]
    do {
      shapes = try network.shapes(batch: 1)
    } catch {
      throw .network(error.description)
    }
    guard network.outputs.count == 1, shapes[network.outputs[0]]?.extents == [1, 1] else {
      throw .network("it does not return one logit per crop")
    }
  }
}
