import Files
import Foundation
import Ledger
import Runs
import Verdicts

/// A place where the manifests of a run, or a manifest and the ledger, do not say the same.
struct Contradiction: Sendable, Encodable {
  /// The file that departs from `manifest.json`.
  let file: String
  /// The video that it is about; nil for the file as a whole.
  let path: String?
  let problem: String

  var text: String { "\(file): " + (path.map { Terminal.harmless($0) + ": " } ?? "") + problem }
}

/// The manifests in the output folder of a run, which hold the same rows in several forms.
struct ManifestSet {
  private let folder: String
  /// Whether all of them have to be there.
  private let isWhole: Bool

  /// - Parameter path: the folder, or one of its manifests.
  init(of path: String, isFolder: Bool) {
    folder = isFolder ? path : URL(filePath: path).deletingLastPathComponent().path
    isWhole = isFolder
  }

  /// Compares all of them with `manifest.json`, and that with the ledger.
  ///
  /// - Parameter path: of the ledger; nil for `assay.sqlite` in the folder, if it is there.
  /// - Throws: `WorkflowError` when a file cannot be read or another run uses the ledger.
  func contradictions(ledger path: String?) throws -> [Contradiction] {
    let names = ["manifest.json", "manifest.jsonl", "manifest.csv", "submission.csv"]
    let present = names.filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)") }
    // A lone file is a copy of one form, which there is nothing to compare with.
    guard isWhole || present.count > 1 else { return [] }
    var found = names.filter { !present.contains($0) && isWhole }.map {
      Contradiction(file: $0, path: nil, problem: "the file is missing")
    }
    guard present.contains("manifest.json") else { return found }
    let manifest = try whole()
    var counts = RunSummary()
    var distribution = RunDistribution()
    for video in manifest.videos {
      counts.add(video.finding)
      distribution.add(video)
    }
    if counts != manifest.run.counts {
      found.append(
        Contradiction(
          file: "manifest.json", path: nil,
          problem: "the header counts \(manifest.run.counts.line), and the rows are \(counts.line)"))
    }
    if let stated = manifest.run.distribution, stated != distribution {
      found.append(
        Contradiction(
          file: "manifest.json", path: nil, problem: "the distribution in the header is not that of the rows"))
    }
    if present.contains("manifest.jsonl") { found += try lines(manifest) }
    if present.contains("manifest.csv") {
      found += try table("manifest.csv", ManifestTables.csv(manifest.videos))
    }
    if present.contains("submission.csv") {
      found += try table("submission.csv", ManifestTables.submission(manifest.videos))
    }
    return try found + ledgerContradictions(manifest, path)
  }

  private func whole() throws(WorkflowError) -> Manifest {
    let file = folder + "/manifest.json"
    do { return try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: URL(filePath: file))) } catch {
      throw .input(path: file, why: "not a manifest (\(explanation(of: error)))")
    }
  }

  private func lines(_ manifest: Manifest) throws -> [Contradiction] {
    let name = "manifest.jsonl"
    var rows: [VideoPath: VideoRecord] = [:]
    var found: [Contradiction] = []
    var lines = try ByteLines(path: "\(folder)/\(name)")
    while let line = try lines.next() {
      let record = try ManifestJSON.record(line: line, file: name)
      if rows.updateValue(record, forKey: record.source.path) != nil {
        found.append(Contradiction(file: name, path: record.source.path.text, problem: "it has two rows"))
      }
    }
    for video in manifest.videos {
      guard let row = rows.removeValue(forKey: video.source.path) else {
        found.append(
          Contradiction(file: name, path: video.source.path.text, problem: "the row of manifest.json is missing"))
        continue
      }
      if row != video {
        found.append(
          Contradiction(file: name, path: video.source.path.text, problem: "the row is not that of manifest.json"))
      }
    }
    return found
      + rows.keys.sorted().map {
        Contradiction(file: name, path: $0.text, problem: "manifest.json does not have this row")
      }
  }

  private func table(_ name: String, _ expected: ManifestTables.Rows) throws -> [Contradiction] {
    let file = "\(folder)/\(name)"
    let bytes: Data
    do { bytes = try Data(contentsOf: URL(filePath: file)) } catch {
      throw WorkflowError.input(path: file, why: explanation(of: error))
    }
    var lines = ManifestTables.lines(Array(bytes))
    var found: [Contradiction] = []
    if lines.first != expected.heading {
      found.append(Contradiction(file: name, path: nil, problem: "the heading is not that of this version"))
    }
    lines = Array(lines.dropFirst())
    var others: [[UInt8]: Int] = [:]
    for line in lines { others[line, default: 0] += 1 }
    for row in expected.rows {
      // Where a video has no score, any number may stand for it (--submission-missing).
      let match = row.isOpen ? others.keys.first { $0.starts(with: row.line) } : row.line
      if let match, let count = others[match], count > 0 {
        others[match] = count == 1 ? nil : count - 1
      } else {
        found.append(
          Contradiction(file: name, path: row.path.text, problem: "the row is not that of manifest.json, or is missing")
        )
      }
    }
    let surplus = others.values.reduce(0, +)
    if surplus > 0 {
      found.append(
        Contradiction(
          file: name, path: nil, problem: "\(surplus) \(surplus == 1 ? "row" : "rows") that manifest.json does not have"
        ))
    }
    return found
  }

  private func ledgerContradictions(_ manifest: Manifest, _ given: String?) throws -> [Contradiction] {
    let path = given ?? folder + "/assay.sqlite"
    guard FileManager.default.fileExists(atPath: path) else {
      guard let given else { return [] }
      throw WorkflowError.input(path: given, why: "there is no ledger")
    }
    let lock = try OutputLock(ledger: path)
    defer { withExtendedLifetime(lock) {} }
    let ledger = try Ledger(path: path)
    let name = URL(filePath: path).lastPathComponent
    var found: [Contradiction] = []
    let finished = manifest.run.finishedAt
    for video in manifest.videos {
      let key = VerdictKey(video.context)
      switch try ledger.recorded(at: video.source.path.bytes, for: key, before: finished) {
      case .superseded: continue
      case .none:
        found.append(
          Contradiction(file: name, path: video.source.path.text, problem: "no run recorded the row of the manifests"))
      case .row(let line):
        var row = video
        // The marks of a row from an earlier run are not part of what that run recorded.
        row.warnings.removeAll { $0.code == .stale || $0.code == .otherModel }
        if try ManifestJSON.record(line: line, file: name) != row {
          found.append(
            Contradiction(
              file: name, path: video.source.path.text, problem: "the recorded row is not that of the manifests"))
        }
      }
    }
    let rows = Set(manifest.videos.map(\.source.path.bytes))
    for listed in try ledger.paths(listedInRunFinishedAt: finished) where !rows.contains(listed) {
      found.append(
        Contradiction(
          file: name, path: VideoPath(listed).text, problem: "the run listed the video, and the manifests do not"))
    }
    return found
  }
}
