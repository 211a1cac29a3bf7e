import Compute
import Decoder
import Faces
import Files
import Foundation
import Isolation
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
  do {
    let model = try loadModel(at: options.modelPath)
    let logit = model.detector.golden.logit
    report.checks.append(.init("model", .ok, "\(model.detector.name), golden output \(logit) reproduced"))
  } catch {
    report.checks.append(.init("model", .bad, explanation(of: error)))
  }
  report.checks.append(writability("temporary folder", NSTemporaryDirectory()))
  if let output = options.output { report.checks.append(writability("output folder", output)) }
  return report
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
      ? .init("seccomp", .ok, "only the system calls of decoding")
      : .init("seccomp", .weak, missing(.seccomp, in: sandbox)),
    sandbox.refusesExecutableMemory
      ? .init("executable memory", .ok, "none can be made")
      : .init("executable memory", .weak, "can be made: the network library of a detector's file, or no seccomp"),
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
