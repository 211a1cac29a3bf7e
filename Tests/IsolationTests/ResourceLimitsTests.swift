import Glibc
import Isolation
import TestSupport
import Testing

/// Each runs in a process of its own: limits cannot be taken back.
@Suite("Resource limits", .heavy)
struct ResourceLimitsTests {
  @Test("CPU time past the file's budget ends the process by SIGXCPU")
  func cpuTime() async {
    await #expect(processExitsWith: .signal(SIGXCPU)) {
      let limits = ResourceLimits(cpuSecondsPerFile: 1)
      try limits.apply()
      try limits.renewCPUTime()
      var number = 0
      while true { number &+= 1 }
    }
  }

  @Test("each file gets its own CPU budget")
  func cpuTimeIsRenewed() async {
    await #expect(processExitsWith: .success) {
      let limits = ResourceLimits(cpuSecondsPerFile: 1)
      try limits.apply()
      for file in 1...2 {
        try limits.renewCPUTime()
        while ResourceUsage.ofThisProcess().cpuSeconds < 0.8 * Double(file) {}
      }
    }
  }

  @Test("memory past the limit ends the process instead of the machine")
  func addressSpace() async {
    await #expect(processExitsWith: .failure) {
      try ResourceLimits(addressSpaceBytes: 4 << 30).apply()
      var held: [[UInt8]] = []
      for _ in 0..<64 { held.append([UInt8](unsafeUninitializedCapacity: 256 << 20) { $1 = 1 }) }
      exit(held.count == 64 ? 0 : 1)
    }
  }

  @Test("open files are limited")
  func openFiles() async {
    await #expect(processExitsWith: .success) {
      try ResourceLimits(openFiles: 32).apply()
      var opened = 0
      while open("/dev/null", O_RDONLY) >= 0 { opened += 1 }
      exit(errno == EMFILE && opened < 32 ? 0 : 1)
    }
  }
}
