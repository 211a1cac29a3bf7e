import Compute
import Datasets
import Decoder
import Foundation
import Imaging
import Media
import Reports
import Runs

/// HTML page showing the effect of each augmentation on a few crops at increasing strength.
struct AugmentationSheet {
  private static let strengths = [0, 0.25, 0.5, 0.75, 1]
  private static let crops = 3

  private let set: CropSet

  init(_ set: CropSet) {
    self.set = set
  }

  /// - Throws: `WorkflowError.output` when the page cannot be written.
  func write(to path: String) throws {
    var page = HTMLPage(
      title: "Augmentations",
      summary: "Training augmentations. Each row shows one crop, from unchanged (0) to full strength (1).")
    for step in AugmentationChain.footage(strength: 1, blendedFraction: 1).steps {
      page.sections.append(try section(step))
    }
    try writeOutput(try page.html(), to: path)
  }

  private func section(_ step: AugmentationChain.Step) throws -> HTMLPage.Section {
    let kind = type(of: step.augmentation)
    var section = HTMLPage.Section(kind.name)
    section.paragraphs = [
      kind.makesFakes
        ? "Turns real crops into fakes; --self-blending sets the fraction."
        : "In training \(Int((step.probability * 100).rounded())) % of the crops are augmented, at --augmentation's strength."
    ]
    section.columns = Self.strengths.count
    for index in chosen() {
      for strength in Self.strengths {
        var generator = SeededGenerator(seed: 1, path: [UInt64(index)])
        let changed = kind.init(strength: strength).apply(to: set.frame(at: index), using: &generator)
        section.pictures.append(.init(png: try encodePNG(changed), caption: "\(strength)"))
      }
    }
    return section
  }

  /// Real crops spread evenly over the set, because every augmentation applies to real crops.
  private func chosen() -> [Int] {
    let real = set.records.indices.filter { set.records[$0].item.label == .real }
    let pool = real.isEmpty ? Array(set.records.indices) : real
    return stride(from: 0, to: pool.count, by: max(1, pool.count / Self.crops)).prefix(Self.crops).map { pool[$0] }
  }
}
