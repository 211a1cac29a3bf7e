import Glibc
import Isolation
import TestSupport
import Testing

@Suite("Death of the parent", .heavy)
struct ParentDeathTests {
  @Test("a worker that ignores its connection dies with its parent")
  func parentDies() async throws {
    let path = "/tmp/assay-parent-death-\(getpid())"
    defer { unlink(path) }
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      var worker = scriptedWorker("echo $$ >\(path); \(Shell.take())\(Shell.end)exec 3>&-; while :; do sleep 1; done")
      _ = try worker.ask()
      kill(getpid(), SIGKILL)
    }
    let process = try #require(Int32(try text(of: path).prefix { $0.isNumber }))
    while isRunning(process) { usleep(10_000) }
  }

  /// A zombie that nobody reaps (its new parent may be a container's idle first process) does not run.
  private func isRunning(_ process: CInt) -> Bool {
    guard let status = try? text(of: "/proc/\(process)/stat") else { return false }  // No entry, no process.
    return !status.contains(") Z ") && !status.contains(") X ")
  }

  private func text(of path: String) throws -> String {
    let file = try InputFile.open(Array(path.utf8))
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(file.descriptor.raw, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
