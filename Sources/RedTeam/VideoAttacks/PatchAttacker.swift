import Attacks
import Compute
import Faces
import Imaging
import Media
import Scanning
import Scoring

/// Perturbs faces in the pixels of their frames, several faces in parallel.
final class PatchAttacker: Sendable {
  /// A face with the frame pixels that its crop is made from.
  struct Face: Sendable {
    var crop: CropTransform
    var pixels: Frame
    /// Seeds randomness per face, independent of other faces in the batch.
    var item: Int
  }

  struct Result: Sendable {
    var patch: PicturePatch
    /// The network's raw logit of the perturbed crop, before any codec.
    var logit: Float
    var size: PerturbationSize
  }

  private let attack: any Attack
  private let settings: PerturbSettings
  private let truth: TrueClass
  /// Coders and CRF for compression-aware attacks; nil for others.
  private let codec: (crf: Int, coders: CoderPool)?
  // One for each worker; calls do not overlap.
  nonisolated(unsafe) private let networks: [NetworkOracle]

  /// - Parameter truth: class that the attack moves the faces away from, as far as possible.
  init(_ plan: ScanPlan, _ attack: ScanAttack, awayFrom truth: TrueClass, expecting crf: Int?, workers: Int) throws {
    self.attack = attack.attack
    settings = attack.settings
    self.truth = truth
    codec = crf.map { ($0, CoderPool()) }
    let shift = truth == .real ? FaceAttacker.overshoot : -FaceAttacker.overshoot
    networks = try (0..<workers).map { _ in try plan.attackModel.networkOracle(shift: shift) }
  }

  /// Number of faces that keeps all threads busy.
  var batch: Int { 4 * networks.count }

  /// The perturbed patches, in the order of the faces.
  func attack(_ faces: [Face]) throws -> [Result] {
    try parallelMap(count: faces.count, workers: networks.count, context: { networks[$0] }) { network, index in
      try attack(faces[index], network)
    }
  }

  private func attack(_ face: Face, _ network: NetworkOracle) throws -> Result {
    let compression = codec.map { codec in
      RandomCompression(
        around: codec.crf, coders: codec.coders,
        SeededGenerator(seed: settings.seed, path: [UInt64(face.item), 2]))
    }
    let x = CropPixels(width: face.pixels.width, height: face.pixels.height, bytes: face.pixels.pixels)
    let (moved, outcome) = try AttackRunner(
      PatchOracle(network, face.crop, codec: compression), judgedBy: PatchOracle(network, face.crop)
    ).run(attack, on: x, truth: truth, epsilon: settings.epsilon, seed: settings.seed, item: face.item)
    let pixels = Frame(width: x.width, height: x.height, pixels: moved.bytes)
    return Result(
      patch: PicturePatch(x: Int(face.crop.part.x), y: Int(face.crop.part.y), pixels: pixels),
      logit: outcome.perturbedLogit + network.boundary, size: outcome.size)
  }
}
