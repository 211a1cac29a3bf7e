import Compute
import Glibc
import Synchronization

/// Warns of slow kernels on stderr, once per kind of layer and process.
enum SlowKernelWarning {
  private static let known = Mutex<Set<String>>([])

  static func write(_ kernels: [SlowKernel]) {
    for kernel in kernels where isNew(kernel) {
      let line = "warning: \(kernel)\n"
      // Failing to write a warning is not an error.
      _ = line.withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
    }
  }

  /// Whether no layer of that shape and kernel was reported before.
  static func isNew(_ kernel: SlowKernel) -> Bool {
    known.withLock { $0.insert("\(kernel.work), \(kernel.implementation)").inserted }
  }
}
