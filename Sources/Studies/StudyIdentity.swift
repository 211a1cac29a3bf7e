import Compute
import Datasets
import Digests
import Foundation
import Media
import Runs
import Training

/// Everything that determines a study's results, and the machine that produced them; stored in `settings.json`.
struct StudyIdentity: Codable {
  static let fileName = "settings.json"

  struct Machine: Codable {
    var processor: String
    var cores: Int
    var workers: Int
    var instructionSet: String
    var libraries: [String: String]
  }

  var study: String
  var scale: StudyScale
  var settings: StudySettings
  var seed: UInt64
  var sources: [StudySource]
  var assayVersion: String
  /// Only the worker count of studies that train is compared: otherwise machines differ only in rounding and timing.
  var machine: Machine

  /// - Throws: `WorkflowError`, `DatasetsError` when the named split cannot be read.
  init(_ study: any Study, _ options: StudyOptions) throws {
    self.study = type(of: study).about.name
    scale = options.scale
    settings = options.settings
    seed = options.seed
    sources = study.sources
    if let path = options.splitPath {
      let split = try SourceExposure.split(named: path)
      sources.append(StudySource(name: "split", path: path, sha256: SHA256.hexadecimal(of: try split.encoded())))
    }
    assayVersion = Runs.assayVersion
    let cores = ProcessInfo.processInfo.activeProcessorCount
    machine = Machine(
      processor: Self.processor() ?? "unknown", cores: cores, workers: options.workers,
      instructionSet: ComputeVersions.instructionSet,
      libraries: ComputeVersions.libraries.merging(MediaVersions.libraries) { own, _ in own })
  }

  private static func processor() -> String? {
    // Outside Linux there is no /proc; the processor name is optional.
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// Differences from an earlier run, as text; empty if the run may resume.
  func differences(from earlier: StudyIdentity) -> [String] {
    var found: [String] = []
    func compare(_ what: String, _ old: String, _ new: String) {
      if old != new { found.append("\(what) was \(old), is \(new)") }
    }
    compare("study", earlier.study, study)
    compare("seed", "\(earlier.seed)", "\(seed)")
    compare("version of Assay", earlier.assayVersion, assayVersion)
    if StudyCatalog[study]?.trainsNetworks == true {
      // Batch norm and dropout treat each worker's slice of a batch separately, and the batch size is a multiple of the
      // workers.
      compare("workers", "\(earlier.machine.workers)", "\(machine.workers)")
    }
    for name in Set(settings.values.keys).union(earlier.settings.values.keys).sorted() {
      func text(_ settings: StudySettings) -> String { settings.values[name]?.joined(separator: ",") ?? "not set" }
      compare(name, text(earlier.settings), text(settings))
    }
    // Equal content in equal order is the same data, even if versions name it differently.
    guard sources.map(\.sha256) != earlier.sources.map(\.sha256) else { return found }
    let (before, now) = (Self.named(earlier.sources), Self.named(sources))
    func text(_ source: StudySource) -> String { "\(source.path) (\(source.sha256.prefix(12)))" }
    for (name, source) in now {
      let old = before.first { $0.name == name }?.source
      guard old?.sha256 != source.sha256 else { continue }
      found.append("\(name) was \(old.map(text) ?? "not there"), is \(text(source))")
    }
    for (name, source) in before where !now.contains(where: { $0.name == name }) {
      found.append("\(name) was \(source.path), is not there")
    }
    return found
  }

  /// Sources with unique names: repeated names get a number, so that none hides another.
  private static func named(_ sources: [StudySource]) -> [(name: String, source: StudySource)] {
    var counts: [String: Int] = [:]
    return sources.map { source in
      let count = counts[source.name, default: 0] + 1
      counts[source.name] = count
      return (count == 1 ? source.name : "\(source.name) (\(count))", source)
    }
  }
}
