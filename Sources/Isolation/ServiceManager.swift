import CPosix
import Dispatch
import Glibc
import Synchronization

/// What this process tells the service manager that started it (systemd, `Type=notify`); nothing without one.
///
/// The watchdog is fed for as long as `sawProgress()` was called lately: a run that hangs is restarted although its
/// timer still ticks.
public final class ServiceManager: Sendable {
  private let socket: String?
  private let patienceSeconds: Double
  private let lastProgress: Mutex<DispatchTime>
  private let timer: Mutex<(any DispatchSourceTimer)?>

  /// The one that started this process.
  ///
  /// - Parameter patienceSeconds: how long a run may go without progress before the watchdog is left to bite.
  public convenience init(patienceSeconds: Double) {
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    self.init(
      patienceSeconds: patienceSeconds, socket: variable("NOTIFY_SOCKET"),
      watchdogMicroseconds: variable("WATCHDOG_USEC").flatMap(Int.init))
  }

  /// - Parameters:
  ///   - socket: a path, or an abstract name after `@`; nil for no manager.
  ///   - watchdogMicroseconds: how often the manager wants to hear of this process at least; nil for no watchdog.
  init(patienceSeconds: Double, socket: String?, watchdogMicroseconds: Int?) {
    self.socket = socket
    self.patienceSeconds = patienceSeconds
    lastProgress = Mutex(.now())
    timer = Mutex(nil)
    if socket != nil, let microseconds = watchdogMicroseconds, microseconds > 0 {
      timer.withLock { timer in
        let source = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "assay.watchdog"))
        source.schedule(deadline: .now(), repeating: .microseconds(max(1, microseconds / 3)))
        source.setEventHandler { [weak self] in self?.feedWatchdog() }
        source.activate()
        timer = source
      }
    }
  }

  deinit { timer.withLock { $0?.cancel() } }

  /// The process has started and works.
  public func ready() { send("READY=1") }

  /// What `systemctl status` shows.
  public func status(_ text: String) { send("STATUS=\(text)") }

  /// The process is about to end.
  public func stopping() { send("STOPPING=1") }

  public func sawProgress() {
    lastProgress.withLock { $0 = .now() }
  }

  private func feedWatchdog() {
    let idle = lastProgress.withLock { DispatchTime.now().uptimeNanoseconds - $0.uptimeNanoseconds }
    if Double(idle) / 1e9 < patienceSeconds { send("WATCHDOG=1") }
  }

  private func send(_ text: String) {
    // A manager that does not listen is no reason to stop working.
    if let socket { _ = cposix_notify(socket, text) }
  }
}
