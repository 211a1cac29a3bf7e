import Compute
import Files
public import Foundation

extension SafetensorsFile {
  /// Reads a file.
  ///
  /// - Throws: `SafetensorsError.file` when it cannot be read, `badFile` when it violates the format.
  public init(path: String) throws(SafetensorsError) {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    } catch {
      throw .file(path: path, "cannot be read: \(explanation(of: error))")
    }
    do {
      try self.init(data)
    } catch {
      throw .file(path: path, error.description)
    }
  }

  /// Parses a file's bytes: F32, F16 and BF16 tensors, all converted to F32.
  ///
  /// The tensors must fill the bytes after the header without gaps or overlaps, as the format requires.
  public init(_ data: Data) throws(SafetensorsError) {
    self.init()
    guard data.count >= 8 else { throw .badFile("\(data.count) bytes are too few") }
    let length = data.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) }
    guard length <= UInt64(min(Self.headerLimit, data.count - 8)) else {
      throw .badFile("the header length is \(length) bytes, the file has \(data.count)")
    }
    let bodyStart = 8 + Int(length)
    let header = try SafetensorsHeader(data.dropFirst(8).prefix(Int(length)))
    metadata = header.metadata
    let body = data.dropFirst(bodyStart)
    try Self.checkCoverage(header.entries, bytes: body.count)
    for entry in header.entries {
      tensors[entry.name] = entry.tensor(from: body)
    }
  }

  private static func checkCoverage(
    _ entries: [SafetensorsHeader.Entry], bytes: Int
  ) throws(SafetensorsError) {
    var end = 0
    for entry in entries.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
      guard entry.start == end else {
        throw .badFile("the tensor '\(entry.name)' starts at \(entry.start) instead of \(end)")
      }
      end = entry.end
    }
    guard end == bytes else { throw .badFile("the tensors take \(end) bytes, \(bytes) follow the header") }
  }
}

extension SafetensorsHeader.Entry {
  /// The values, from the bytes after the header.
  ///
  /// - Precondition: `start ..< end` lies within `body`, as validation of the header ensures.
  fileprivate func tensor(from body: Data) -> Tensor {
    let bytes = body[(body.startIndex + start)..<(body.startIndex + end)]
    return Tensor(shape) { target in
      bytes.withUnsafeBytes { raw in
        for i in target.indices {
          switch type {
          case .f32:
            target[i] = Float(
              bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)))
          case .bf16:
            let bits = UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
            target[i] = Float(bitPattern: UInt32(bits) << 16)
          case .f16:
            target[i] = Self.expanded(
              UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)))
          }
        }
      }
    }
  }

  /// Decodes IEEE half precision with integer operations, because Swift lacks `Float16` on some Intel systems.
  private static func expanded(_ half: UInt16) -> Float {
    let sign: Float = half & 0x8000 == 0 ? 1 : -1
    let exponent = Int(half >> 10 & 0x1F)
    let fraction = Float(half & 0x3FF)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * (1 + fraction / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }
}
