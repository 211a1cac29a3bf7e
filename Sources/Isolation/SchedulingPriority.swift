import CPosix
import Glibc

/// The scheduling priority that this process was started with.
public enum SchedulingPriority {
  /// Keeps all threads at the nice value that the process was started with, or a greater one.
  ///
  /// Dispatch sets the nice value of each of its threads from its quality of service, without regard to that of the
  /// process. The kernel lets it do so as root, and a child process inherits the value of the thread that starts it,
  /// so `nice` or a unit's `Nice=` would have no effect on the work. Without the right to lower nice values, threads
  /// inherit that of the main thread, as they do for every other user.
  ///
  /// Call it before the process has threads of its own.
  public static func keep() {
    // Dispatch would report each refusal to syslog. A value that the user sets stays.
    setenv("LIBDISPATCH_LOG", "NO", 0)
    // A kernel that refuses leaves the scheduling to Dispatch; the work is the same.
    _ = cposix_never_raise_priority()
  }
}
