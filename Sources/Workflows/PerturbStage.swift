import Attacks
import Dispatch
import Models
import Pipeline
import Verdicts

/// A face's logit after the attack, and how far its crop was moved.
struct PerturbedLogit: Sendable {
  /// As the network gives it.
  var logit: Float
  /// Whether it went over to the other class.
  var isTurned: Bool
  var size: PerturbationSize
}

/// What a scan's attack does: fixed before the first video.
struct ScanAttack: Sendable {
  let settings: PerturbSettings
  let model: AttackModel
  let judge: Judge

  /// - Throws: `WorkflowError.settings` when there is no such attack in that norm.
  init(_ settings: PerturbSettings, model: LoadedModel, judge: Judge) throws(WorkflowError) {
    self.settings = settings
    self.model = AttackModel(model)
    self.judge = judge
    let norm = try settings.norm.map { name throws(WorkflowError) in
      guard let norm = Norm(rawValue: name) else { throw .settings("there is no norm '\(name)'; say linf, l2 or l0") }
      return norm
    }
    guard let attack = AttackCatalog.attack(settings.attack, norm: norm, steps: settings.steps) else {
      let what = settings.norm.map { " in \($0)" } ?? ""
      throw .settings(
        "there is no attack '\(settings.attack)'\(what); there are \(AttackCatalog.names.joined(separator: ", "))")
    }
    self.attack = attack
  }

  let attack: any Attack

  /// What a row says of the attack.
  func record(_ effect: PerturbationEffect?) -> PerturbationRecord {
    PerturbationRecord(
      attack: attack.id, norm: attack.norm.rawValue, epsilon: Double(settings.epsilon), seed: settings.seed,
      settings: ["steps": settings.steps.map(String.init) ?? "own", "adaptive": settings.adaptive ? "video" : "crop"],
      effect: effect)
  }
}

/// Crops in, the same crops out with what an attack makes of each.
///
/// The crops of a video are held until it is complete: an attack on the video's verdict has to know that first.
struct PerturbStage: Stage, ~Copyable {
  static var name: String { "perturb" }
  /// So many logits beyond the boundary an attack on a whole video goes on with each crop.
  private static let overshoot: Float = 20

  private let attack: ScanAttack
  /// For crops that fool as soon as they are across the boundary, and for those that go on.
  private let oracles: [(plain: NetworkOracle, real: NetworkOracle, fake: NetworkOracle)]
  private var pending: [Int: [[UInt8]]] = [:]

  init(_ attack: ScanAttack, workers: Int) throws {
    self.attack = attack
    oracles = try (0..<workers).map { _ in
      (
        try attack.model.oracle(), try attack.model.oracle(shift: Self.overshoot),
        try attack.model.oracle(shift: -Self.overshoot)
      )
    }
  }

  mutating func process(_ item: ScanItem, emit: (ScanItem) -> Void) throws {
    switch item {
    case .crop(let video, let pixels, _):
      pending[video, default: []].append(pixels)
    case .end(let video, let file, _):
      let crops = pending.removeValue(forKey: video) ?? []
      for (pixels, perturbed) in zip(crops, try perturb(crops, of: file)) {
        emit(.crop(video: video, pixels: pixels, perturbed: perturbed))
      }
      emit(item)
    }
  }

  private func perturb(_ crops: [[UInt8]], of file: DecodedFile) throws -> [PerturbedLogit] {
    let side = attack.model.loaded.detector.cropContract.size
    let pictures = crops.map { CropPixels(width: side, height: side, bytes: $0) }
    let clean = try share(pictures) { try $0.plain.logit(of: $1) }
    // The class that a crop has, or that the whole video has, is the one that the attack leads away from.
    var whole: TrueClass?
    if attack.settings.adaptive, !crops.isEmpty {
      let tracks = VideoRecord.tracks(file, logits: clean.map { $0 + attack.model.boundary })
      whole = try attack.judge.judge(tracks).map { $0.verdict == .real ? .real : .fake }
    }
    let truths = clean.map { whole ?? ($0 >= 0 ? .fake : .real) }
    return try share(Array(zip(pictures, zip(truths, clean)).enumerated())) { oracles, item in
      let (index, (x, (truth, clean))) = item
      let oracle = whole == nil ? oracles.plain : truth == .real ? oracles.real : oracles.fake
      let (crop, outcome) = try AttackRunner(oracle).run(
        attack.attack, on: x, truth: truth, epsilon: attack.settings.epsilon, seed: attack.settings.seed, item: index)
      let logit = outcome.perturbedLogit + oracle.boundary
      return PerturbedLogit(
        logit: logit, isTurned: (logit >= attack.model.boundary) != (clean >= 0),
        size: PerturbationSize(from: x, to: crop))
    }
  }

  /// Each item on one of the workers' threads; results in the items' order.
  private func share<Item, Result>(
    _ items: [Item],
    _ body: ((plain: NetworkOracle, real: NetworkOracle, fake: NetworkOracle), Item) throws -> Result
  ) throws -> [Result] {
    var results: [Swift.Result<Result, any Error>?] = Array(repeating: nil, count: items.count)
    results.withUnsafeMutableBufferPointer { slots in
      // Each worker has its own oracles and every so-many-th slot.
      nonisolated(unsafe) let slots = slots
      nonisolated(unsafe) let (items, body, oracles) = (items, body, oracles)
      DispatchQueue.concurrentPerform(iterations: oracles.count) { worker in
        for index in stride(from: worker, to: items.count, by: oracles.count) {
          slots[index] = Swift.Result { try body(oracles[worker], items[index]) }
        }
      }
    }
    return try results.compactMap { try $0?.get() }
  }
}
