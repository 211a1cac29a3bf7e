import Datasets
import Foundation
import Models
import Runs

/// How results grow with data: with more crops, and with more sources at an equal number of crops.
struct ScalingStudy: Study {
  static let about = StudyAbout(
    name: "scaling", title: "Results over the amount of data",
    question:
      "How do clean and robust results grow with the number of crops, and with the number of sources at an equal "
      + "number of crops?",
    inputs: "CROPS",
    settings: [
      .init("network", "architecture, as listed by assay model list"),
      .init("crops", "sizes of the training set, ascending; half of the crops are fake"),
      .init("seeds", "seeds of draw, weights and order"),
      .init("sources", "numbers of sources of a set of fixed size, ascending"),
      .init("crops-of-sources", "size of that set"),
    ] + StudyTrial.settings)

  let request: StudyRequest
  let sizes: [Int]
  let sourceCounts: [Int]
  let cropsOfSources: Int
  let seeds: [Int]
  let network: String
  private(set) var trial: StudyTrial?
  private let crops: StudyCrops

  init(_ request: StudyRequest) throws {
    self.request = request
    let settings = request.settings
    network = try settings.text("network")
    _ = try NetworkName(network)
    sizes = try settings.integers("crops", in: 4...100_000_000)
    seeds = try settings.integers("seeds", in: 0...1_000_000)
    sourceCounts = try settings.integers("sources", in: 1...1_000_000)
    cropsOfSources = try settings.integer("crops-of-sources", in: 4...100_000_000)
    for (name, values) in [("crops", sizes), ("sources", sourceCounts)] {
      guard values.count > 1, zip(values, values.dropFirst()).allSatisfy(<) else {
        throw WorkflowError.usage("the setting '\(name)' takes at least two ascending numbers")
      }
    }
    try StudyTrial.check(settings)
    crops = try StudyCrops(request.inputs)
  }

  var sources: [StudySource] { [crops.source] }

  mutating func prepare(_ bench: StudyBench) throws {
    let trial = try StudyTrial(crops, request, bench)
    self.trial = trial
    let available = Label.allCases.map { trial.trainingPart($0).count }.min() ?? 0
    guard let largest = sizes.last, largest / 2 <= available else {
      throw WorkflowError.usage(
        "the training part has \(available) crops of the rarer class: 'crops' must be at most \(2 * available)")
    }
    guard let most = sourceCounts.last, eligibleSources(trial).count >= most else {
      throw WorkflowError.usage(
        "the training part has \(eligibleSources(trial).count) sources with the \(cropsPerSource(of: sourceCounts[0])) real and "
          + "\(cropsPerSource(of: sourceCounts[0])) fake crops that \(cropsOfSources) crops of \(sourceCounts[0]) sources need: lower "
          + "'crops-of-sources' or change 'sources'")
    }
  }

  func cells() -> [StudyCell] {
    sizes.flatMap { size in
      seeds.map { StudyCell([.axis: "crops", .amount: "\(size)", .seed: "\($0)"]) }
    }
      + sourceCounts.flatMap { count in
        seeds.map { StudyCell([.axis: "sources", .amount: "\(count)", .seed: "\($0)"]) }
      }
  }

  func run(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyRecord? {
    guard let trial, let amount = Int(cell[.amount]), let seed = UInt64(cell[.seed]) else {
      preconditionFailure("the study is not prepared for \(cell.text)")
    }
    let crops = cell[.axis] == "crops" ? drawn(amount, seed, trial) : drawn(ofSources: amount, seed, trial)
    var record = try trial.run(cell, network: network, crops: crops, seed: seed, bench)
    record?.values["training_sources"] = Double(Set(trial.sources(crops)).count)
    return record
  }

  /// Draws half of the crops from each class, from any source.
  private func drawn(_ size: Int, _ seed: UInt64, _ trial: StudyTrial) -> [Int] {
    Label.allCases.flatMap { label in
      StudyDraw.items(
        trial.trainingPart(label), count: size / 2, seed: seed, path: [1, UInt64(label.rawValue)])
    }
  }

  /// Crops per class from one source when the set has this many sources.
  private func cropsPerSource(of sources: Int) -> Int { max(1, (cropsOfSources / 2 + sources - 1) / sources) }

  /// Sources with enough crops for the smallest source count, so that all counts draw from the same sources.
  private func eligibleSources(_ trial: StudyTrial) -> [String] {
    let counts = Label.allCases.map { label in
      Dictionary(grouping: trial.sources(trial.trainingPart(label))) { $0 }.mapValues(\.count)
    }
    let least = cropsPerSource(of: sourceCounts[0])
    return counts[0].keys.filter { source in counts.allSatisfy { $0[source] ?? 0 >= least } }.sorted()
  }

  /// Draws an equal number of crops per class from each source, up to rounding.
  private func drawn(ofSources count: Int, _ seed: UInt64, _ trial: StudyTrial) -> [Int] {
    let sources = StudyDraw.items(eligibleSources(trial), count: count, seed: seed, path: [2])
    return Label.allCases.flatMap { label -> [Int] in
      let bySource = Dictionary(grouping: trial.trainingPart(label)) { trial.set.records[$0].item.group }
      // The remainder goes to the first sources for one class and to the last for the other.
      let (whole, rest) = (cropsOfSources / 2 / count, cropsOfSources / 2 % count)
      return sources.enumerated().flatMap { index, source in
        let position = label == .fake ? count - 1 - index : index
        return StudyDraw.items(
          bySource[source] ?? [], count: whole + (position < rest ? 1 : 0), seed: seed,
          path: [3, UInt64(label.rawValue), UInt64(index)])
      }
    }
  }

  func findings(_ records: [StudyRecord], _ bench: StudyBench) throws -> StudyFindings {
    guard let trial else { preconditionFailure("the study is not prepared") }
    return try ScalingFindings(study: self, trial: trial, records: records).make()
  }
}
