import Compute
import Decoder
import Faces
import Files
import Foundation
import Isolation
import Ledger
import Media
import Models
import Runs
import Scanning
import Scoring

/// What to check besides the machine itself.
package struct DoctorOptions: Sendable {
  /// Model file; nil for the built-in one.
  package var modelPath: String?
  /// Model file of the face detector; nil for the detector that needs none.
  package var detectorModel: String?
  /// Output folder for manifests; nil to skip the check.
  package var output: String?

  package init() {}
}

/// Checks everything that a scan needs on this machine, and its protection.
package func examineMachine(_ options: DoctorOptions) -> DoctorReport {
  var report = DoctorReport(assayVersion: assayVersion, checks: [], decoder: nil)
  if let path = options.detectorModel {
    do {
      report.checks.append(.init("face detector", .ok, try FaceDetectorChoice(modelPath: path).checkedName()))
    } catch {
      report.checks.append(.init("face detector", .bad, explanation(of: error)))
    }
  }
  do {
    let settings = ScanSettings()
    let command = DecoderClient.command(
      detector: FaceDetectorChoice(modelPath: options.detectorModel), memoryMiB: settings.decoderMemoryMiB)
    let answer = try ProbeAnswer.ask(command)
    report.decoder = answer
    report.checks += checks(of: answer)
  } catch {
    report.checks.append(.init("decoder process", .bad, explanation(of: error)))
  }
  report.checks.append(.init("FFmpeg", .ok, list(MediaVersions.libraries)))
  report.checks.append(.init("network libraries", .ok, list(ComputeVersions.libraries)))
  report.checks.append(
    .init("instruction set", ComputeVersions.hasWideVectors ? .ok : .weak, ComputeVersions.instructionSet))
  report.checks.append(
    ComputeVersions.hasOldMatrixKernels
      ? .init(
        "matrix kernels", .weak,
        "OpenBLAS does not recognise the processor and uses slow kernels: set OPENBLAS_CORETYPE=Haswell")
      : .init("matrix kernels", .ok, "OpenBLAS's for \(ComputeVersions.matrixKernels)"))
  var model: LoadedModel?
  do {
    let loaded = try loadModel(at: options.modelPath)
    let logit = loaded.detector.golden.logit
    report.checks.append(.init("model", .ok, "\(loaded.detector.name), golden output \(logit) reproduced"))
    model = loaded
  } catch {
    report.checks.append(.init("model", .bad, explanation(of: error)))
  }
  report.checks.append(writability("temporary folder", NSTemporaryDirectory()))
  if let output = options.output {
    report.checks.append(writability("output folder", output))
    let ledger = output + "/assay.sqlite"
    if FileManager.default.fileExists(atPath: ledger) { report.checks.append(examineLedger(ledger, model: model)) }
  }
  return report
}

/// What the next scan would do with an output folder's ledger, and why.
private func examineLedger(_ path: String, model: LoadedModel?) -> DoctorReport.Check {
  let found: LedgerInspection
  do { found = try LedgerInspection(path: path) } catch {
    if case .busy = error { return .init("ledger", .ok, "a scan uses it now") }
    return .init("ledger", .bad, "\(error)")
  }
  let total = found.models.reduce(0) { $0 + $1.videos }
  var parts = [
    counted(total, "videos") + (found.lastVersion.map { ", last scanned by version \($0)" } ?? "")
  ]
  if !found.pendingMigrations.isEmpty {
    parts.append(
      "the next scan brings its schema up to date (\(found.pendingMigrations.joined(separator: "; "))); earlier versions "
        + "refuse it then")
  }
  let others = found.models.filter { $0.hash != model?.sha256 }
  let again = others.reduce(0) { $0 + $1.videos }
  if let model, again > 0 {
    let hashes = others.map { "\($0.hash.prefix(12)) (\(counted($0.videos, "videos")))" }.joined(separator: ", ")
    parts.append(
      "the next scan with \(model.detector.name) scans \(again) of them again, whose verdicts are of the model \(hashes); "
        + "--keep-verdicts-of \(others[0].hash.prefix(12)) keeps them")
  } else if total > 0, model != nil {
    parts.append("verdicts of this model are kept while the settings of the scan stay the same")
  }
  return .init("ledger", .ok, parts.joined(separator: "; "))
}

private func list(_ versions: [String: String]) -> String {
  versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
}

/// Checks what a decoder process reports about its confinement, and what it could still do.
private func checks(of answer: ProbeAnswer) -> [DoctorReport.Check] {
  let sandbox = answer.sandbox
  var checks: [DoctorReport.Check] = [
    sandbox.landlockVersion.map { .init("landlock", .ok, "version \($0): no file, folder or TCP connection") }
      ?? .init("landlock", .weak, missing(.landlock, in: sandbox)),
    sandbox.hasSystemCallFilter
      ? .init("seccomp", .ok, "only the system calls of decoding; no memory can be made executable")
      : .init("seccomp", .weak, missing(.seccomp, in: sandbox)),
  ]
  let limits = [
    answer.addressSpaceBytes.map { "address space \($0 >> 20) MiB" }, answer.openFiles.map { "\($0) open files" },
    answer.fileSizeBytes.map { "\($0) bytes written to a file" },
  ].compactMap(\.self)
  checks.append(.init("limits", limits.count == 3 ? .ok : .weak, limits.joined(separator: ", ")))
  let possible = answer.attempts.filter { !$0.isRefused }
  checks.append(
    .init(
      "break-out attempts", possible.isEmpty ? .ok : .weak,
      possible.isEmpty
        ? "all \(answer.attempts.count) refused (\(answer.attempts.map(\.attempt).joined(separator: ", ")))"
        : "not refused: " + possible.map { "\($0.attempt) (\($0.answer ?? "worked"))" }.joined(separator: ", ")))
  return checks
}

private func missing(_ layer: Sandbox.Layer, in state: SandboxState) -> String {
  state.missing.first { $0.hasPrefix(layer.rawValue) }.map { "not in force: \($0)" } ?? "not in force"
}

/// Checks whether a file can be created in a folder, or in its closest existing ancestor.
private func writability(_ name: String, _ folder: String) -> DoctorReport.Check {
  var place = URL(filePath: folder, directoryHint: .isDirectory)
  while !FileManager.default.fileExists(atPath: place.path), place.pathComponents.count > 1 {
    place.deleteLastPathComponent()
  }
  let file = place.appending(path: ".assay-doctor-\(ProcessInfo.processInfo.processIdentifier)").path
  let descriptor = open(file, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
  guard descriptor >= 0 else {
    return .init(name, .bad, "\(folder): nothing can be written in \(place.path): \(String(cString: strerror(errno)))")
  }
  close(descriptor)
  unlink(file)
  var space = statvfs()
  let free = statvfs(place.path, &space) == 0 ? Int(space.f_bavail) * Int(space.f_frsize) : 0
  // A manifest takes a few KB per video.
  return .init(name, free < 100 << 20 ? .weak : .ok, "\(folder): writable, \(free >> 20) MiB free")
}
