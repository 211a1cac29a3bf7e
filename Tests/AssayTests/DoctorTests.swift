import Foundation
import Review
import TestSupport
import Testing

@Suite("assay doctor", .heavy)
struct DoctorTests {
  private let output = ScratchFolder()

  @Test("reports the protection in force, as text and as JSON, and that scans work")
  func healthy() throws {
    let result = try AssayProgram.run("doctor", "-o", output.path)
    #expect(result.code == 0, "\(result.output)")
    for name in [
      "landlock", "seccomp", "break-out attempts", "limits", "FFmpeg", "oneDNN", "golden output", "writable",
    ] {
      #expect(result.output.contains(name), "\(name)")
    }
    let json = try AssayProgram.run("doctor", "--json")
    let report = try JSONDecoder().decode(DoctorReport.self, from: Data(json.output.utf8))
    #expect(report.checks.contains { $0.name == "model" && $0.status == .ok })
    // Every kernel that this is built for has seccomp.
    #expect(report.checks.first { $0.name == "seccomp" }?.status == .ok)
    #expect(report.checks.first { $0.name == "break-out attempts" }?.status == .ok)
    #expect(try output.names() == [])
  }

  @Test("detects an unconfined decoder, and one that does not start")
  func unconfined() throws {
    let open = try AssayProgram.run(
      ["doctor"], decoder: "exec \"$ASSAY\" \"$@\" --sandbox none", keptIn: output)
    #expect(open.code == 0)
    #expect(open.output.contains("not refused: read a file (worked)"), "\(open.output)")
    let broken = try AssayProgram.run(["doctor"], decoder: "exit 1", keptIn: output)
    #expect(broken.code == 2)
    #expect(broken.output.contains("decoder process"))
  }

  @Test("names causes for which a scan would fail")
  func faults() throws {
    let result = try AssayProgram.run("doctor", "--model", "/nowhere.safetensors", "-o", "/proc/nowhere")
    #expect(result.code == 2)
    #expect(result.output.contains("/nowhere.safetensors") && result.output.contains("/proc/nowhere"))
  }
}
