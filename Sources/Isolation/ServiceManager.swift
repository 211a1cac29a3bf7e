import CPosix
import Dispatch
import Glibc
import Synchronization

/// Notifications to the service manager that started this process (systemd, `Type=notify`); no-ops without one.
///
/// The watchdog is fed only while `sawProgress()` has been called recently, so a hung run is restarted even though its
/// timer still fires.
public final class ServiceManager: Sendable {
  private let socket: String?
  private let patienceSeconds: Double
  private let lastProgress: Mutex<DispatchTime>
  private let timer: Mutex<(any DispatchSourceTimer)?>

  /// The manager that started this process.
  ///
  /// - Parameter patienceSeconds: time without progress after which the watchdog is no longer fed.
  public convenience init(patienceSeconds: Double) {
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    self.init(
      patienceSeconds: patienceSeconds, socket: variable("NOTIFY_SOCKET"),
      watchdogMicroseconds: variable("WATCHDOG_USEC").flatMap(Int.init))
  }

  /// - Parameters:
  ///   - socket: a path, or an abstract name after `@`; nil without a manager.
  ///   - watchdogMicroseconds: maximum interval between watchdog notifications; nil for no watchdog.
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

  /// Reports that the process has started.
  public func ready() { send("READY=1") }

  /// Sets the status line of `systemctl status`.
  public func status(_ text: String) { send("STATUS=\(text)") }

  /// Reports that the process is about to end.
  public func stopping() { send("STOPPING=1") }

  public func sawProgress() {
    lastProgress.withLock { $0 = .now() }
  }

  private func feedWatchdog() {
    let idle = lastProgress.withLock { DispatchTime.now().uptimeNanoseconds - $0.uptimeNanoseconds }
    if Double(idle) / 1e9 < patienceSeconds { send("WATCHDOG=1") }
  }

  private func send(_ text: String) {
    // Continue if the manager does not listen.
    if let socket { _ = cposix_notify(socket, text) }
  }
}
