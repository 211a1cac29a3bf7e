import Glibc
import Isolation
import TestSupport
import Testing

@Suite("Input file", .hangLimit())
struct InputFileTests {
  private let folder = ScratchFolder()

  private func path(_ name: [UInt8]) -> [UInt8] { Array(folder.path("").utf8) + name }

  private func withPath(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Void) {
    let bytes = path(name).map { CChar(bitPattern: $0) } + [0]
    bytes.withUnsafeBufferPointer { buffer in
      if let start = buffer.baseAddress { body(start) }
    }
  }

  private func write(_ name: [UInt8], _ text: String) {
    withPath(name) {
      let file = creat($0, 0o600)
      _ = text.withCString { Glibc.write(file, $0, strlen($0)) }
      close(file)
    }
  }

  @Test(
    "a regular file opens whatever its name",
    arguments: ["plain.mp4", "-rf", "=1+1", "pipe:0", "a\nb", "100%", "'\"", "file:x"].map { Array($0.utf8) } + [
      [0xFF, 0xFE, 0x80], [0x01, 0x1B],
    ])
  func regularFile(_ name: [UInt8]) throws {
    write(name, "12345")
    let file = try InputFile.open(path(name))
    #expect(file.status.sizeBytes == 5)
    #expect(file.status.modifiedNanoseconds > 1_600_000_000_000_000_000)
    var bytes = [UInt8](repeating: 0, count: 5)
    #expect(read(file.descriptor.raw, &bytes, 5) == 5)
    #expect(bytes == Array("12345".utf8))
  }

  @Test("a symbolic link is refused unless links are followed")
  func symlinks() throws {
    write([0x61], "x")
    withPath([0x62]) { link in withPath([0x61]) { target in _ = symlink(target, link) } }
    #expect(throws: IsolationError.symlink(path: path([0x62]))) { try open([0x62]) }
    let followed = try InputFile.open(path([0x62]), followSymlinks: true)
    let direct = try InputFile.open(path([0x61]))
    #expect(followed.status == direct.status)
  }

  @Test("what only looks like a file is refused without blocking")
  func otherKinds() throws {
    withPath([0x66]) { _ = mkfifo($0, 0o600) }
    #expect(throws: IsolationError.notRegularFile(path: path([0x66]), kind: "FIFO")) { try open([0x66]) }
    #expect(throws: IsolationError.notRegularFile(path: path([]), kind: "directory")) { try open([]) }
    #expect(throws: IsolationError.notRegularFile(path: Array("/dev/zero".utf8), kind: "device")) {
      _ = try InputFile.open(Array("/dev/zero".utf8)).status
    }
  }

  @Test("a file that is nothing but a claim of size is refused, one with a hole is not")
  func holes() throws {
    write([0x68], "the beginning")
    withPath([0x68]) { _ = truncate($0, 1 << 30) }
    #expect(try InputFile.open(path([0x68])).status.sizeBytes == 1 << 30)
    withPath([0x68]) { _ = truncate($0, 1 << 40) }
    let error = #expect(throws: IsolationError.self) { try open([0x68]) }
    guard case .sparse(_, let size, let stored)? = error else {
      Issue.record("\(error?.description ?? "no error")")
      return
    }
    #expect(size == 1 << 40 && stored < 1 << 20)
  }

  @Test("a socket is refused")
  func socketFile() throws {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = path([0x73])
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    #expect(throws: IsolationError.notRegularFile(path: bytes, kind: "socket or device")) { try open([0x73]) }
  }

  @Test("what is not there and what no file system can have are errors with the path")
  func missing() {
    #expect(throws: IsolationError.open(path: path([0x7A]), errno: ENOENT)) { try open([0x7A]) }
    #expect(throws: IsolationError.open(path: [0x61, 0, 0x62], errno: EINVAL)) {
      _ = try InputFile.open([0x61, 0, 0x62]).status
    }
    #expect(throws: IsolationError.open(path: [], errno: ENOENT)) { _ = try InputFile.open([]).status }
  }

  @Test("writing to a file after it was opened shows, a new link does not")
  func changes() throws {
    write([0x63], "first")
    let file = try InputFile.open(path([0x63]))
    withPath([0x63]) { old in withPath([0x64]) { new in _ = link(old, new) } }
    #expect(try !file.hasChanged())
    write([0x63], "second")
    #expect(try file.hasChanged())
  }

  private func open(_ name: [UInt8]) throws {
    _ = try InputFile.open(path(name)).status
  }
}
