import Attacks
import Compute
import Datasets
import Decoder
import Files
import Foundation
import Metrics
import Runs
import Scoring
import Synchronization

/// Certifies the smoothed model on the crops of an attack run.
///
/// Results are stored in `certified-….jsonl`, one line per crop, from which an interrupted run resumes.
struct Certification {
  let grid: AttackGrid
  let model: AttackModel
  let options: CertifyOptions

  private struct Line: Codable, Sendable {
    var crop: Int
    var certificate: Smoothing.Certificate
  }

  private var smoothing: Smoothing {
    Smoothing(
      sigma: options.sigma, choosingSamples: options.choosingSamples, samples: options.samples, alpha: options.alpha)
  }

  private var path: String {
    "\(grid.options.output)/certified-\(model.loaded.sha256.prefix(12))-\(options.sigma)-\(options.choosingSamples)-"
      + "\(options.samples)-\(options.alpha).jsonl"
  }

  /// - Returns: certificates of all crops; after an interruption, of the finished ones.
  func run(_ interruption: Interruption) throws -> CertifiedRow {
    let log: LineLog<Line> = try openLog(path)
    let wanted = Set(grid.plan.crops)
    let known = Dictionary(log.found.map { ($0.crop, $0.certificate) }) { $1 }.filter { wanted.contains($0.key) }
    let pending = grid.plan.crops.filter { known[$0] == nil }
    let progress = ProgressLine(unit: "crops certified", total: grid.plan.crops.count, quiet: grid.options.quiet)
    progress.advance(by: known.count)
    let found = Mutex(known)
    let view = try grid.view(for: model)
    defer { progress.finish() }
    _ = try parallelMap(
      count: pending.count, workers: grid.options.workers, isCancelled: { interruption.isRequested },
      context: { _ in try NoisyVotes(model) }
    ) { votes, index in
      let certificate = try certificate(pending[index], of: view, votes)
      try found.withLock { found in
        found[pending[index]] = certificate
        try log.record(Line(crop: pending[index], certificate: certificate))
      }
      progress.advance(note: "σ \(options.sigma)")
    }
    let certificates = found.withLock { $0 }
    let items = grid.plan.crops.compactMap { crop in
      certificates[crop].map { (isFake: grid.set.trueClass(at: crop) == .fake, certificate: $0) }
    }
    return CertifiedRow(
      model: model.name, smoothing, items,
      sources: Set(certificates.keys.map { grid.set.records[$0].item.group }).count)
  }

  private func certificate(_ crop: Int, of view: CropSet, _ votes: NoisyVotes) throws -> Smoothing.Certificate {
    let x = view.attackPixels(at: crop)
    var generator = SeededGenerator(seed: grid.options.seed, path: [0x4345_5254, UInt64(crop)])
    return try smoothing.certificate { copies in
      try votes.fakes(x, copies: copies, sigma: Float(options.sigma), using: &generator)
    }
  }
}
