import Foundation
import Glibc
import Imaging
package import Media
package import Runs

/// Patches for the process that writes them into a video: an unlinked temporary file, in presentation order.
///
/// Each record is five 64-bit integers (packet, x, y, width, height) and the pixels.
package final class PatchSpool {
  package let descriptor: CInt
  private let folder: String
  private var size = 0
  static let headerBytes = 5 * MemoryLayout<Int64>.size

  /// - Parameter folder: folder with enough free space.
  /// - Throws: `WorkflowError.output`.
  package init(in folder: String) throws(WorkflowError) {
    self.folder = folder
    var template = Array("\(folder)/.patches-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw .output(path: folder, why: String(cString: strerror(errno))) }
    unlink(&template)
  }

  deinit { close(descriptor) }

  package func append(_ patch: PicturePatch, packet: Int) throws(WorkflowError) {
    let header = [packet, patch.x, patch.y, patch.pixels.width, patch.pixels.height].map { Int64($0).littleEndian }
    let bytes = header.withUnsafeBytes { Array($0) } + patch.pixels.pixels
    try writeAll(bytes, to: descriptor, at: size, path: folder)
    size += bytes.count
  }
}

/// Writes all bytes at an offset of a file.
///
/// - Throws: `WorkflowError.output` naming `path`.
func writeAll(_ bytes: [UInt8], to descriptor: CInt, at position: Int, path: String) throws(WorkflowError) {
  var written = 0
  while written < bytes.count {
    let count = bytes.withUnsafeBytes {
      pwrite(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written, position + written)
    }
    if count >= 0 {
      written += count
    } else if errno != EINTR {
      throw .output(path: path, why: String(cString: strerror(errno)))
    }
  }
}

/// Reads the patches of a spool, frame by frame.
struct PatchReader {
  private let descriptor: CInt
  private var position = 0

  init(_ descriptor: CInt) {
    self.descriptor = descriptor
  }

  /// The patches of a frame; frames must be requested in the order in which their patches were written.
  ///
  /// - Throws: `WorkflowError.decoder` when the file is inconsistent with its headers.
  mutating func patches(of packet: Int) throws(WorkflowError) -> [PicturePatch] {
    var patches: [PicturePatch] = []
    while let header = try bytes(PatchSpool.headerBytes) {
      let numbers = header.withUnsafeBytes { raw in
        (0..<5).map { Int(Int64(littleEndian: raw.load(fromByteOffset: 8 * $0, as: Int64.self))) }
      }
      guard numbers[0] == packet else {
        position -= PatchSpool.headerBytes
        break
      }
      guard let pixels = try bytes(numbers[3] * numbers[4] * 3) else {
        throw .decoder(why: "the file of patches ends early")
      }
      patches.append(
        PicturePatch(
          x: numbers[1], y: numbers[2], pixels: Frame(width: numbers[3], height: numbers[4], pixels: pixels)))
    }
    return patches
  }

  /// - Returns: nil at the end of the file.
  private mutating func bytes(_ count: Int) throws(WorkflowError) -> [UInt8]? {
    var isAtEnd = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, position + filled)
        if got > 0 {
          filled += got
        } else if got == 0 || errno != EINTR {
          isAtEnd = true
          return
        }
      }
    }
    guard !isAtEnd else {
      if bytes.isEmpty { return nil }
      throw .decoder(why: "the file of patches ends early")
    }
    position += count
    return bytes
  }
}
