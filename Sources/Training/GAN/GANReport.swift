import Decoder
import Files
import Foundation
import Imaging
import Media
import Reports
import Runs

/// HTML page with the metrics of an evaluation, and pictures beside their nearest training crops.
struct GANReport {
  /// Training crops shown beside each picture.
  static let neighbours = 4
  private static let shown = 16

  private let evaluation: GANEvaluation
  private let material: GANMaterial
  private let matches: [[NearestCrops.Match]]

  init(_ evaluation: GANEvaluation, material: GANMaterial, matches: [[NearestCrops.Match]]) {
    self.evaluation = evaluation
    self.material = material
    self.matches = matches
  }

  /// - Throws: `WorkflowError.output` when the page or the sheet cannot be written.
  func write(to folder: String) throws {
    var page = HTMLPage(
      title: "Generator \(evaluation.model)",
      summary:
        "\(counted(evaluation.pictures, "pictures")) beside \(counted(evaluation.realCrops, "held-out real crops")).")
    var figures = HTMLPage.Section("Figures")
    figures.tables = [
      .init(heading: GANEvaluation.spaceTable.heading, rows: GANEvaluation.spaceTable.cells(of: evaluation.spaces))
    ]
    figures.paragraphs = [
      "Pictures and crops are resized to \(material.made[0].width) pixels for the networks. Fréchet distances "
        + "are comparable only for the same networks and counts; that of training crops is what a perfect generator would "
        + "come to."
    ]
    page.sections.append(figures)
    var nearest = HTMLPage.Section("Nearest training crops")
    nearest.paragraphs = [
      "Each row: a picture, and its nearest real crops of the training part, with their distances "
        + "(RMS over 16×16 pixels, 0 to 1). Copies would look identical.",
      "Probability of being nearer to a training crop than a held-out real crop is: \(GANEvaluation.text(evaluation.memorisation.nearer)).",
    ]
    nearest.columns = Self.neighbours + 1
    var sheet: [Frame] = []
    for index in GANData.some(Self.shown, of: Array(material.made.indices)) {
      let pictures = [material.made[index]] + matches[index].map { material.training[$0.index] }
      let captions = ["picture \(index)"] + matches[index].map { String(format: "%.3f", $0.distance) }
      for (picture, caption) in zip(pictures, captions) {
        nearest.pictures.append(.init(png: try encodePNG(picture), caption: caption))
      }
      sheet += pictures
    }
    page.sections.append(nearest)
    try makeOutputFolder(folder)
    try writeOutput(try page.html(), to: folder + "/index.html")
    try writeOutput(try encodePNG(.sheet(sheet, columns: Self.neighbours + 1)), to: folder + "/nearest.png")
  }
}
