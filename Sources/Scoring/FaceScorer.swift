package import Attacks
import Compute
package import Decoder
import Faces
import Imaging
package import Models
import NeuralNet
package import Verdicts

/// Scores the faces of decoded videos: crops to logits, behind the input-transformation defence if there is one, and
/// logits to a judgement.
///
/// Belongs to one worker: the network computes on the thread that calls.
package struct FaceScorer: ~Copyable {
  package var judge: Judge
  private let model: AttackModel
  private let executor: Executor
  private let preprocessing: Preprocessing
  private let side: Int
  private let cropValues: Int
  /// Crops in the batch that is being filled.
  package private(set) var count = 0

  /// - Parameters:
  ///   - model: with its defence, if any.
  ///   - batch: crops in one pass.
  package init(_ model: AttackModel, judge: Judge, batch: Int) throws {
    let detector = model.loaded.detector
    self.judge = judge
    self.model = model
    side = detector.cropSettings.size
    executor = try Executor(detector.network, batch: batch, use: .inference)
    preprocessing = detector.preprocessing
    cropValues = detector.network.inputShape.count
  }

  package var isFull: Bool { count == executor.batch }

  /// Adds a crop to the batch.
  ///
  /// - Parameter pixels: RGB bytes, rows packed, of the network's input size.
  /// - Precondition: the batch is not full.
  package mutating func append(_ pixels: [UInt8]) {
    precondition(!isFull, "a batch of \(executor.batch) crops is full")
    executor.withInput { input in
      let start = count * cropValues
      let target = UnsafeMutableBufferPointer(rebasing: input[start..<(start + cropValues)])
      guard model.defence != nil else { return preprocessing.write(pixels, into: target) }
      let values = model.defended(CropPixels(width: side, height: side, bytes: pixels)).values
      for i in values.indices {
        target[i] = (values[i] - preprocessing.mean[i % 3]) / preprocessing.standardDeviation[i % 3]
      }
    }
    count += 1
  }

  /// - Returns: the logits of the batch's crops in the order in which they came; the batch is empty afterwards.
  package mutating func score() throws -> [Float] {
    defer { count = 0 }
    return try executor.infer(count: count).values
  }

  /// The logits of any number of crops, in as many batches as needed.
  ///
  /// - Precondition: the batch is empty.
  package mutating func logits(of crops: [[UInt8]]) throws -> [Float] {
    precondition(count == 0, "the batch already holds \(count) crops")
    var logits: [Float] = []
    for crop in crops {
      append(crop)
      if isFull { logits += try score() }
    }
    if count > 0 { logits += try score() }
    return logits
  }

  /// The judgement of a decoded video by its crops, in the order of its faces; nil without faces.
  ///
  /// - Throws: `VerdictsError.notFinite` when a logit is not a number.
  /// - Precondition: the batch is empty.
  package mutating func judgement(
    of file: DecodedFile, crops: [[UInt8]]
  ) throws -> (logits: [Float], judgement: Judgement?) {
    let logits = try logits(of: crops)
    return (logits, try judge.judgement(of: file, logits: logits))
  }
}

extension AttackModel {
  /// A crop as the network gets it: behind the defence, if any, whose random choices follow from the crop's bytes.
  package func defended(_ crop: CropPixels) -> CropPixels {
    defence?.defended(crop, seed: Self.defenceSeed).crop ?? crop
  }
}

extension Judge {
  /// The rules of a scan with a model's calibration.
  ///
  /// - Parameter thresholds: instead of the model's own.
  package init(
    _ model: DetectorModel, thresholds: Thresholds? = nil, aggregation: FrameAggregation = .trimmedMean
  ) {
    self.init(thresholds: thresholds ?? model.thresholds, calibration: model.calibration, aggregation: aggregation)
  }

  /// The judgement of a decoded video; nil without faces.
  ///
  /// - Parameter logits: one for each face, in the order of frames and faces.
  package func judgement(of file: DecodedFile, logits: [Float]) throws(VerdictsError) -> Judgement? {
    try judge(FaceTrack.tracks(of: file, logits: logits))
  }
}
