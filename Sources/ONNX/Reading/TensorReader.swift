import Files
import Foundation

/// Converts stored tensors to values, wherever their bytes are; lengths and offsets are untrusted.
struct TensorReader {
  /// Maximum number of elements of one tensor: no classifier has 8 GiB of floats.
  private static let mostElements = 1 << 31

  /// Folder of external tensors; nil rejects them.
  let folder: String?

  /// ONNX data types.
  private enum Kind: Int32 {
    case float = 1, uint8 = 2, int8 = 3, int32 = 6, int64 = 7, bool = 9, float16 = 10, double = 11, bfloat16 = 16

    var bytes: Int {
      switch self {
      case .uint8, .int8, .bool: 1
      case .float16, .bfloat16: 2
      case .float, .int32: 4
      case .int64, .double: 8
      }
    }
  }

  func value(_ tensor: Onnx_TensorProto) throws(ONNXError) -> ConstantValue {
    let name = tensor.name
    guard let kind = Kind(rawValue: tensor.dataType) else {
      throw .damaged("the tensor '\(name)' is of the type \(tensor.dataType), which is not read here")
    }
    var count = 1
    for dim in tensor.dims {
      let (product, overflow) = count.multipliedReportingOverflow(by: Int(dim))
      guard dim >= 0, !overflow, product <= Self.mostElements else {
        throw .damaged("the tensor '\(name)' claims the extents \(tensor.dims)")
      }
      count = product
    }
    let elements = try elements(of: tensor, kind, count)
    if case .floats(let values) = elements, let bad = values.firstIndex(where: { !$0.isFinite }) {
      throw .damaged("the tensor '\(name)' holds \(values[bad]) at position \(bad)")
    }
    return ConstantValue(dims: tensor.dims.map(Int.init), elements: elements)
  }

  private func elements(
    of tensor: Onnx_TensorProto, _ kind: Kind, _ count: Int
  ) throws(ONNXError) -> ConstantValue.Elements {
    func checked(_ stored: Int) throws(ONNXError) {
      guard stored == count else {
        throw .damaged("the tensor '\(tensor.name)' has \(stored) elements where \(tensor.dims) needs \(count)")
      }
    }
    if tensor.dataLocation == .external || tensor.hasRawData {
      let bytes = tensor.dataLocation == .external ? try externalBytes(tensor, count * kind.bytes) : tensor.rawData
      guard bytes.count == count * kind.bytes else {
        throw .damaged(
          "the tensor '\(tensor.name)' has \(bytes.count) bytes where \(tensor.dims) needs \(count * kind.bytes)")
      }
      return Self.decoded(bytes, kind, count)
    }
    switch kind {
    case .float:
      try checked(tensor.floatData.count)
      return .floats(tensor.floatData)
    case .double:
      try checked(tensor.doubleData.count)
      return .floats(tensor.doubleData.map(Float.init))
    case .int64:
      try checked(tensor.int64Data.count)
      return .ints(tensor.int64Data.map(Int.init))
    case .float16:
      try checked(tensor.int32Data.count)
      return .floats(tensor.int32Data.map { Self.half(UInt16(truncatingIfNeeded: $0)) })
    case .bfloat16:
      try checked(tensor.int32Data.count)
      return .floats(tensor.int32Data.map { Float(bitPattern: UInt32(UInt16(truncatingIfNeeded: $0)) << 16) })
    case .int32, .int8, .uint8, .bool:
      try checked(tensor.int32Data.count)
      return .ints(tensor.int32Data.map(Int.init))
    }
  }

  private static func decoded(_ bytes: Data, _ kind: Kind, _ count: Int) -> ConstantValue.Elements {
    bytes.withUnsafeBytes { raw in
      func load<T>(_ type: T.Type, _ index: Int) -> T {
        raw.loadUnaligned(fromByteOffset: index * MemoryLayout<T>.size, as: type)
      }
      return switch kind {
      case .float: .floats((0..<count).map { Float(bitPattern: UInt32(littleEndian: load(UInt32.self, $0))) })
      case .double:
        .floats((0..<count).map { Float(Double(bitPattern: UInt64(littleEndian: load(UInt64.self, $0)))) })
      case .float16: .floats((0..<count).map { half(UInt16(littleEndian: load(UInt16.self, $0))) })
      case .bfloat16:
        .floats((0..<count).map { Float(bitPattern: UInt32(UInt16(littleEndian: load(UInt16.self, $0))) << 16) })
      case .int64: .ints((0..<count).map { Int(Int64(littleEndian: load(Int64.self, $0))) })
      case .int32: .ints((0..<count).map { Int(Int32(littleEndian: load(Int32.self, $0))) })
      case .int8: .ints((0..<count).map { Int(load(Int8.self, $0)) })
      case .uint8, .bool: .ints((0..<count).map { Int(load(UInt8.self, $0)) })
      }
    }
  }

  /// Decodes IEEE 754 binary16, which Swift does not support on every processor.
  private static func half(_ bits: UInt16) -> Float {
    let sign: Float = bits >> 15 == 1 ? -1 : 1
    let exponent = Int(bits >> 10 & 31)
    let fraction = Float(bits & 1023)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * (1 + fraction * 0x1p-10) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }

  /// A range of an external file, which must be in the model's own folder.
  private func externalBytes(_ tensor: Onnx_TensorProto, _ wanted: Int) throws(ONNXError) -> Data {
    let fields = Dictionary(tensor.externalData.map { ($0.key, $0.value) }) { first, _ in first }
    guard let folder, let location = fields["location"] else {
      throw .damaged("the tensor '\(tensor.name)' lies outside of the file, but it is not said where")
    }
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.hasPrefix("/"), !location.contains("\0"), parts.allSatisfy({ $0 != ".." && !$0.isEmpty }) else {
      throw .damaged("the tensor '\(tensor.name)' lies at '\(location)', outside of the model's folder")
    }
    let path = folder + "/" + location
    let root = URL(filePath: folder).resolvingSymlinksInPath().path
    guard URL(filePath: path).resolvingSymlinksInPath().path.hasPrefix(root + "/") else {
      throw .damaged("the tensor '\(tensor.name)' lies at '\(location)', a link out of the model's folder")
    }
    let offset = fields["offset"].map { Int($0) } ?? 0
    let length = fields["length"].map { Int($0) } ?? wanted
    guard let offset, let length, offset >= 0, length == wanted else {
      throw .damaged("the tensor '\(tensor.name)' is said to be \(fields["length"] ?? "?") bytes, \(wanted) are needed")
    }
    do {
      let file = try FileHandle(forReadingFrom: URL(filePath: path))
      defer { try? file.close() }
      try file.seek(toOffset: UInt64(offset))
      return try file.read(upToCount: length) ?? Data()
    } catch {
      throw .file(path: path, problem: "cannot be read: \(explanation(of: error))")
    }
  }
}
