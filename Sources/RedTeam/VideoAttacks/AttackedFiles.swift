import Decoder
import Foundation
import Glibc
import Runs

/// The videos of an attack and their output files, none of which is an input of the run.
struct AttackedFiles {
  static let suffix = ".adversarial.mp4"
  let pairs: [(path: [UInt8], output: String)]

  /// - Throws: `WorkflowError.settings` when two videos share an output file, or an output would overwrite an input.
  init(_ options: VideoAttackOptions) throws(WorkflowError) {
    let (paths, found) = VideoSearch(inputs: options.inputs, followSymlinks: options.followSymlinks).all()
    for note in found.notes where !options.quiet { writeToStandardError("\(note)\n") }
    var sources: [String: String] = [:]
    var pairs: [(path: [UInt8], output: String)] = []
    for path in paths {
      let text = String(decoding: path, as: UTF8.self)
      let name = URL(filePath: text).deletingPathExtension().lastPathComponent
      let output = "\(options.output)/\(name)\(Self.suffix)"
      if let other = sources.updateValue(text, forKey: output) {
        throw .settings("\(other) and \(text) would both be written to \(output): attack them into different folders")
      }
      pairs.append((path, output))
    }
    let inputs = Set(paths.compactMap { Self.identity(of: $0) })
    for (_, output) in pairs {
      guard let identity = Self.identity(of: Array(output.utf8)), inputs.contains(identity) else { continue }
      throw .settings("\(output) is a video of this run and would be overwritten: choose another folder")
    }
    self.pairs = pairs
  }

  private static func identity(of path: [UInt8]) -> [UInt64]? {
    var status = stat()
    let found = path.withUnsafeBytes { bytes in
      String(decoding: bytes, as: UTF8.self).withCString { stat($0, &status) } == 0
    }
    return found ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
  }
}
