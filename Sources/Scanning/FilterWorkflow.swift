import Decoder
import Foundation
import Models
import Runs
import Scoring
import Verdicts

/// Answers each path that comes on standard input with its row as one line of JSON on standard output, at once and in
/// order: for Spark's `pipe()` and the like, which run many such processes side by side.
///
/// A file that crashes the decoder gets its row too. Neither manifests nor ledger are written.
///
/// - Throws: `WorkflowError` when the run itself cannot go on.
package func filterPaths(settings: ScanSettings, options: ScanOptions) throws {
  guard settings.perturb == nil, !settings.margin else {
    throw WorkflowError.settings("--filter answers with plain verdicts: leave out --perturb and --margin")
  }
  let model = try loadModel(at: options.modelPath)
  let plan = try ScanPlan(settings: settings, model: model)
  var client = DecoderClient(plan, settings: settings, options: options)
  var scorer = try BatchScorer(model.detector, batch: options.batch, defence: plan.attackModel.defence)
  var number = 0
  var lines = ByteLines.ofStandardInput()
  while let path = try lines.next() {
    var logits: [Float] = []
    var failure: (any Error)?
    let file = try client.decode(path) { pixels in
      scorer.append(pixels)
      guard scorer.isFull else { return }
      do { logits += try scorer.score() } catch { failure = error }
    }
    if let failure { throw failure }
    if scorer.count > 0 { logits += try scorer.score() }
    let record = try plan.record(of: ScoredVideo(number: number, file: file, logits: logits))
    FileHandle.standardOutput.write(Data(try ManifestJSON.line(record)))
    number += 1
  }
}
