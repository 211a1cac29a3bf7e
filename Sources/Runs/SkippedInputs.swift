import Dispatch
import Synchronization

/// What the walk left out, handed from its thread to the summary.
package final class SkippedInputs: Sendable {
  private let skipped = Mutex(InputWalk.Skipped())

  package init() {}

  package func set(_ value: InputWalk.Skipped) {
    skipped.withLock { $0 = value }
  }

  /// A sentence for each kind of thing that was left out.
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

/// Counts the videos in a thread of its own, so that the progress line can say how long it will take.
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
