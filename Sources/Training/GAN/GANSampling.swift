import Decoder
import Files
import Foundation
import Imaging
import Media
import Models
import Runs

/// Settings of `assay gan sample`.
package struct GANSampleOptions: Sendable {
  package var model: String
  package var output: String
  package var count = 64
  package var seed: UInt64 = 1
  /// Truncation: latents beyond ± this value are redrawn; nil for no truncation.
  package var truncation: Float?
  package var quiet = false

  package init(model: String, output: String) {
    self.model = model
    self.output = output
  }
}

/// Generates pictures: one PNG each, and a sheet of the first ones.
///
/// - Returns: a summary as text.
/// - Throws: `WorkflowError` when the model cannot be used or the folder cannot be written.
package func sampleGAN(_ options: GANSampleOptions) throws -> String {
  let model = try loadGAN(at: options.model)
  let sampler = try FaceSampler(model.generator, truncation: options.truncation)
  let progress = ProgressLine(unit: "pictures", total: options.count, quiet: options.quiet)
  var shown: [Frame] = []
  func write(_ picture: Frame, _ name: String) throws {
    try writeOutput(try encodePNG(picture), to: "\(options.output)/\(name)")
  }
  try makeOutputFolder(options.output)
  for start in stride(from: 0, to: options.count, by: 64) {
    let numbers = Array(start..<min(start + 64, options.count))
    for (number, picture) in zip(numbers, try sampler.pictures(numbers, seed: options.seed)) {
      try write(picture, String(format: "%06d.png", number))
      if shown.count < 64 { shown.append(picture) }
      progress.advance()
    }
  }
  try write(.sheet(shown, columns: 8), "sheet.png")
  progress.finish()
  var text = "\(counted(options.count, "pictures")) of \(model.size)×\(model.size) pixels: \(options.output)\n"
  for finding in model.findings { text += "warning: \(finding)\n" }
  return text + "sheet: \(options.output)/sheet.png"
}
