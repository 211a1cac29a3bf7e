import Glibc
import TestSupport
import Testing

@testable import Isolation

@Suite("Service manager", .hangLimit())
struct ServiceManagerTests {
  /// The socket on which a service manager would listen.
  private final class Listener {
    let descriptor: CInt

    /// - Parameter path: of a socket file, shorter than 108 bytes.
    init(_ path: String) throws {
      descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
      let result = withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      try #require(result == 0)
    }

    deinit { close(descriptor) }

    /// The next message; waits for it.
    func receive() -> String {
      var buffer = [UInt8](repeating: 0, count: 1000)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }

    /// How many messages wait.
    func drain() -> Int {
      var buffer = [UInt8](repeating: 0, count: 1000)
      var count = 0
      while recv(descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT)) > 0 { count += 1 }
      return count
    }
  }

  private let folder = ScratchFolder()

  @Test("says when it is ready, what it does and when it ends")
  func messages() throws {
    let listener = try Listener(folder.path("notify"))
    let service = ServiceManager(patienceSeconds: 3600, socket: folder.path("notify"), watchdogMicroseconds: nil)
    service.ready()
    service.status("scanning")
    service.stopping()
    #expect(
      [listener.receive(), listener.receive(), listener.receive()] == ["READY=1", "STATUS=scanning", "STOPPING=1"])
    #expect(listener.drain() == 0)
  }

  @Test("the watchdog is fed while there is progress, and not in a run that hangs")
  func watchdog() throws {
    let listener = try Listener(folder.path("notify"))
    let working = ServiceManager(patienceSeconds: 3600, socket: folder.path("notify"), watchdogMicroseconds: 3000)
    #expect([listener.receive(), listener.receive()] == ["WATCHDOG=1", "WATCHDOG=1"])
    withExtendedLifetime(working) {}

    let quiet = try Listener(folder.path("quiet"))
    let hanging = ServiceManager(patienceSeconds: 0, socket: folder.path("quiet"), watchdogMicroseconds: 3000)
    usleep(50_000)
    #expect(quiet.drain() == 0)
    withExtendedLifetime(hanging) {}
  }

  @Test("no manager, a vanished one and a name that is too long are no trouble")
  func nobody() {
    for socket in [nil, folder.path("nowhere"), String(repeating: "x", count: 200), ""] {
      ServiceManager(patienceSeconds: 1, socket: socket, watchdogMicroseconds: nil).ready()
    }
  }
}
