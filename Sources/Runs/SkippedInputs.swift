import Dispatch
import Synchronization

/// The walk's skipped entries, passed from its thread to the summary.
package final class SkippedInputs: Sendable {
  private let skipped = Mutex(InputWalk.Skipped())

  package init() {}

  package func set(_ value: InputWalk.Skipped) {
    skipped.withLock { $0 = value }
  }

  /// One sentence per kind of skipped entry.
  package var notes: [String] {
    skipped.withLock { skipped in
      var notes = skipped.folders.map { folder in
        "warning: the folder \(String(decoding: folder.path, as: UTF8.self)) could not be read: \(folder.why)"
      }
      if skipped.symlinks > 0 {
        notes.append("\(skipped.symlinks) symbolic links were left out; --follow-symlinks takes them in")
      }
      return notes
    }
  }
}

/// Counts the videos on a separate thread, so that the progress line can estimate the remaining time.
package func countVideos(_ walk: InputWalk, for progress: ProgressLine) {
  DispatchQueue.global(qos: .utility).async {
    var count = 0
    _ = walk.forEach { _ in
      count += 1
      return true
    }
    progress.setTotal(count)
  }
}
