import Compute
import Glibc
import Synchronization

/// Warns of slow kernels on stderr, once for each kind of layer in a process.
enum SlowKernelWarning {
  private static let known = Mutex<Set<String>>([])

  static func write(_ kernels: [SlowKernel]) {
    for kernel in kernels where isNew(kernel) {
      let line = "warning: \(kernel)\n"
      // A warning that cannot be written is no reason to stop.
      _ = line.withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
    }
  }

  /// Whether no layer of that shape and code was among the kernels before.
  static func isNew(_ kernel: SlowKernel) -> Bool {
    known.withLock { $0.insert("\(kernel.work), \(kernel.implementation)").inserted }
  }
}
