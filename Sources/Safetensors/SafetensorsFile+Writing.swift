import Compute
import Files
public import Foundation

extension SafetensorsFile {
  /// The file's bytes.
  public func encoded() -> Data {
    let header = headerText()
    var data = Data()
    data.reserveCapacity(8 + header.utf8.count + tensors.values.reduce(0) { $0 + $1.count * 4 })
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(contentsOf: header.utf8)
    for (_, tensor) in sorted {
      tensor.withFloats { data.append(contentsOf: UnsafeRawBufferPointer($0)) }
    }
    return data
  }

  /// Writes to a temporary file beside `path` and renames it, so that a reader never sees a partial file.
  public func write(to path: String) throws(SafetensorsError) {
    do {
      try AtomicFile.write(encoded(), to: path)
    } catch {
      throw .file(path: path, "cannot be written: \(error.reason)")
    }
  }

  private var sorted: [(key: String, value: Tensor)] { tensors.sorted { $0.key < $1.key } }

  /// Padded with spaces to a multiple of 8, so that the tensors are aligned.
  private func headerText() -> String {
    var entries: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      entries.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
    }
    var offset = 0
    for (name, tensor) in sorted {
      let end = offset + tensor.count * 4
      let shape = tensor.shape.extents.map(String.init).joined(separator: ",")
      entries.append("\(quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    let text = "{\(entries.joined(separator: ","))}"
    return text + String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
  }

  /// A JSON string literal; escapes only what JSON requires.
  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
