import Dispatch
import Foundation
import Synchronization

/// Progress of a long job in one line on stderr: bar, count, rate, remaining time and a note.
///
/// It is redrawn in place at most five times per second. Nothing is written if stderr is not a terminal or `quiet` is
/// set, so logs stay clean.
package final class ProgressLine: Sendable {
  private struct State {
    var total: Int?
    /// Found beside those counted in `total`.
    var extra = 0
    var done = 0
    var note = ""
    var activity = ""
    var lastDrawn = 0.0
  }

  private let unit: String
  private let isShown: Bool
  private let started: Double
  private let state: Mutex<State>

  /// - Parameters:
  ///   - unit: the counted unit, in the plural ("videos").
  ///   - total: final count; nil while unknown.
  package init(unit: String, total: Int? = nil, quiet: Bool = false) {
    self.unit = unit
    isShown = !quiet && isatty(STDERR_FILENO) == 1
    started = monotonicSeconds()
    state = Mutex(State(total: total))
  }

  package func setTotal(_ total: Int) {
    state.withLock { $0.total = total }
  }

  /// Counts units that the final count set by `setTotal` does not include.
  package func addToTotal(_ count: Int) {
    state.withLock { $0.extra += count }
  }

  package func advance(by count: Int = 1, note: String? = nil) {
    update { state in
      state.done += count
      if let note { state.note = note }
    }
  }

  /// Shows what is being done, such as `re-encoding a.mp4`, after the note; empty for the usual work.
  package func setActivity(_ text: String) {
    update { $0.activity = text }
  }

  /// Sets the count directly, for jobs that track it themselves.
  package func set(done: Int, note: String) {
    update { state in
      state.done = done
      state.note = note
    }
  }

  /// Clears the line for subsequent output.
  package func finish() {
    guard isShown else { return }
    write("\r\u{1B}[K")
  }

  private func update(_ change: (inout State) -> Void) {
    let now = monotonicSeconds()
    let line: String? = state.withLock { state in
      change(&state)
      guard isShown, now - state.lastDrawn > 0.2 else { return nil }
      state.lastDrawn = now
      return Self.line(
        unit: unit, done: state.done, total: state.total.map { $0 + state.extra }, elapsed: now - started,
        note: [state.note, state.activity].filter { !$0.isEmpty }.joined(separator: "  "))
    }
    if let line { write("\r\u{1B}[K" + line) }
  }

  /// The text of the line.
  package static func line(unit: String, done: Int, total: Int?, elapsed: Double, note: String) -> String {
    let rate = elapsed > 0 ? Double(done) / elapsed : 0
    let speed =
      rate >= 1
      ? String(format: "%.1f %@/s", rate, unit) : String(format: "%.1f %@/min", rate * 60, unit)
    var parts: [String] = []
    if let total, total > 0 {
      let filled = min(20, done * 20 / total)
      parts.append("[" + String(repeating: "#", count: filled) + String(repeating: "-", count: 20 - filled) + "]")
      parts.append("\(done)/\(total) \(unit)")
      parts.append(speed)
      if rate > 0, done < total { parts.append("ETA " + duration(Double(total - done) / rate)) }
    } else {
      parts.append(counted(done, unit))
      parts.append(speed)
    }
    if !note.isEmpty { parts.append(note) }
    return parts.joined(separator: "  ")
  }

  /// `1:02:03` or `2:03`.
  package static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}

/// Counts the files with names of videos on a separate thread, so that the progress line can estimate the remaining
/// time; those that are recognised by content are added when they are found.
package func countVideos(_ walk: InputWalk, for progress: ProgressLine) {
  DispatchQueue.global(qos: .utility).async {
    var count = 0
    _ = walk.forEach { file in
      if !file.needsProbe { count += 1 }
      return !Interruption.shared.isRequested
    }
    progress.setTotal(count)
  }
}

/// Monotonic clock in seconds.
package func monotonicSeconds() -> Double {
  Double(DispatchTime.now().uptimeNanoseconds) / 1e9
}
