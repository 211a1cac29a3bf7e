import Decoder
import Files
import Foundation
import Reports
import Runs

/// Course of a GAN training: CSV and JSON lines, one log entry per line, and a plot.
enum GANLog {
  private static let table = Table<GANLook>([
    .count("step") { $0.step },
    .text("discriminator_loss") { "\($0.discriminatorLoss)" },
    .text("generator_loss") { "\($0.generatorLoss)" },
    .text("real_recognised") { "\($0.realRecognised)" },
    .text("generated_recognised") { "\($0.generatedRecognised)" },
    .text("diversity") { "\($0.diversity)" },
    .text("overfitting") { $0.overfitting.map { "\($0)" } ?? "" },
    .text("seconds") { String(format: "%.1f", $0.seconds) },
    .text("warning") { $0.warning ?? "" },
  ])

  static func write(_ looks: [GANLook], _ options: GANOptions) throws {
    try writeOutput(table.csv(looks), to: options.logPath)
    try writeOutput(try looks.flatMap { try JSONEncoder.line($0) }, to: options.logLinesPath)
    try writeOutput(plot(looks).svg(), to: options.curvePath)
  }

  /// Log entries of an earlier run up to a step; empty without a log.
  static func read(_ path: String, upTo step: Int) throws -> [GANLook] {
    // Without a log, the run was interrupted before its first log entry.
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
    do {
      return try text.split(separator: "\n").map { try JSONDecoder().decode(GANLook.self, from: Data($0.utf8)) }
        .filter { $0.step <= step }
    } catch {
      throw WorkflowError.input(
        path: path, why: "a line does not have the format of this log: \(explanation(of: error))")
    }
  }

  private static func plot(_ looks: [GANLook]) -> Plot {
    let series = [
      ("discriminator's loss", looks.map(\.discriminatorLoss)), ("generator's loss", looks.map(\.generatorLoss)),
      ("diversity", looks.map(\.diversity)),
    ]
    var plot = Plot(
      title: "Generator and discriminator", xLabel: "step", yLabel: "loss, diversity",
      x: AxisScale(covering: looks.map { Double($0.step) }), y: AxisScale(covering: series.flatMap(\.1)))
    plot.series = series.map { name, values in
      Plot.Series(name, zip(looks, values).map { (Double($0.step), $1) })
    }
    return plot
  }
}
