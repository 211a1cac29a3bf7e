import Digests
import Foundation
package import Runs

/// SHA-256 of a file's content, or why it is missing.
package enum FileHash {
  /// Lower-case hexadecimal.
  case complete(String)
  /// A read failed.
  case failed
  /// Reading exceeded the time limit, or nobody waits for it any more.
  case timedOut

  private static let pieceBytes = 1 << 18

  /// Reads an open file to its end without changing its file offset.
  ///
  /// - Parameter isAbandoned: polled between reads; whether to give up.
  package init(of descriptor: CInt, timeLimitSeconds: Double, isAbandoned: () -> Bool = { false }) {
    let deadline = SuspendingClock.now + .seconds(timeLimitSeconds)
    var hash = SHA256()
    var offset: off_t = 0
    self = withUnsafeTemporaryAllocation(byteCount: Self.pieceBytes, alignment: 64) { buffer in
      while true {
        let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
        if count == 0 { return .complete(hash.finish().hexadecimal) }
        if count < 0 {
          if errno == EINTR { continue }
          return .failed
        }
        hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        offset += off_t(count)
        if SuspendingClock.now > deadline || isAbandoned() { return .timedOut }
      }
    }
  }

  /// Nil if the hash is incomplete.
  package var text: String? {
    if case .complete(let text) = self { text } else { nil }
  }

  /// SHA-256 of the names and contents of several files, lower-case hexadecimal.
  ///
  /// - Parameter root: folder relative to which names are hashed.
  /// - Throws: `WorkflowError.input` when a file cannot be read.
  package static func combined(_ files: [String], relativeTo root: String) throws(WorkflowError) -> String {
    var text = ""
    for file in files {
      guard let handle = FileHandle(forReadingAtPath: file),
        let hash = FileHash(of: handle.fileDescriptor, timeLimitSeconds: 3600).text
      else { throw .input(path: file, why: "it cannot be read") }
      let name = file.hasPrefix(root + "/") ? String(file.dropFirst(root.count + 1)) : file
      text += "\(name)\0\(hash)\n"
    }
    return SHA256.hexadecimal(of: text.utf8)
  }

  /// SHA-256 of a crop set, computed from its header and its index, which holds a hash of each crop.
  ///
  /// - Throws: `WorkflowError.input` when it cannot be read.
  package static func ofCropSet(_ folder: String) throws(WorkflowError) -> String {
    try combined(["crops.json", "index.jsonl"].map { "\(folder)/\($0)" }, relativeTo: folder)
  }
}
