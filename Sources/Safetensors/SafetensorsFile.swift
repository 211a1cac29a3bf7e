public import Compute
import Foundation

/// Tensors and text in the safetensors format: 8 bytes of header length, a JSON header, the tensors' bytes.
///
/// Reading trusts nothing; writing is deterministic (names sorted), so equal contents give equal bytes.
public struct SafetensorsFile: Sendable {
  public var tensors: [String: Tensor]
  /// The header's `__metadata__`.
  public var metadata: [String: String]

  public init(tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Name of the first tensor, in the order of names, with an infinity or NaN: no trained network has one.
  public var firstNotFinite: String? {
    tensors.keys.sorted().first { tensors[$0]?.isFinite == false }
  }

  /// Longest header that is read; the format's own limit.
  static let headerLimit = 100_000_000
}

/// The JSON header of a safetensors file, checked entry by entry.
struct SafetensorsHeader {
  enum ElementType: String {
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"

    var bytes: Int { self == .f32 ? 4 : 2 }
  }

  struct Entry {
    let name: String
    let type: ElementType
    let shape: Shape
    /// Bytes after the header.
    let start: Int
    let end: Int
  }

  let entries: [Entry]
  let metadata: [String: String]

  init(_ text: Data) throws(SafetensorsError) {
    let fields: [(name: String, value: JSONValue)]
    do throws(JSONScanner.Failure) {
      guard case .object(let found) = try JSONScanner.parse(text) else {
        throw JSONScanner.Failure.syntax("expected an object", at: 0)
      }
      fields = found
    } catch {
      throw .badFile("the header is not valid JSON: \(error.description)")
    }
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    for (name, value) in fields {
      if name == "__metadata__" {
        metadata = try Self.texts(value)
      } else {
        entries.append(try Self.entry(name, value))
      }
    }
    self.entries = entries
    self.metadata = metadata
  }

  private static func texts(_ value: JSONValue) throws(SafetensorsError) -> [String: String] {
    guard case .object(let fields) = value else { throw .badFile("__metadata__ is not an object") }
    var texts: [String: String] = [:]
    for (name, value) in fields {
      guard case .string(let text) = value else { throw .badFile("the metadata '\(name)' is not a string") }
      texts[name] = text
    }
    return texts
  }

  private static func entry(_ name: String, _ value: JSONValue) throws(SafetensorsError) -> Entry {
    guard case .object(let fields) = value else { throw .badFile("the entry '\(name)' is not an object") }
    var type: ElementType?
    var extents: [Int]?
    var offsets: [Int]?
    for (field, value) in fields {
      switch (field, value) {
      case ("dtype", .string(let text)):
        type = ElementType(rawValue: text)
        guard type != nil else {
          throw .badFile("the tensor '\(name)' has the type \(text); F32, F16 and BF16 can be read")
        }
      case ("shape", .array(let numbers)): extents = naturals(numbers)
      case ("data_offsets", .array(let numbers)): offsets = naturals(numbers)
      default: throw .badFile("the tensor '\(name)' has an unknown or malformed field '\(field)'")
      }
    }
    guard let type, let extents, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
      throw .badFile("the tensor '\(name)' lacks a valid type, shape or offsets")
    }
    let bytes = byteCount(extents, type)
    guard let bytes, bytes == offsets[1] - offsets[0] else {
      throw .badFile("the tensor '\(name)' of shape \(extents) does not take \(offsets[1] - offsets[0]) bytes")
    }
    return Entry(name: name, type: type, shape: Shape(extents), start: offsets[0], end: offsets[1])
  }

  private static func naturals(_ values: [JSONValue]) -> [Int]? {
    var numbers: [Int] = []
    for value in values {
      guard case .natural(let number) = value else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  /// nil if the product overflows.
  private static func byteCount(_ extents: [Int], _ type: ElementType) -> Int? {
    var bytes = type.bytes
    for extent in extents {
      let (product, overflows) = bytes.multipliedReportingOverflow(by: extent)
      guard !overflows else { return nil }
      bytes = product
    }
    return bytes
  }
}
