import Compute
import Foundation
import Safetensors
import TestSupport
import Testing

@Suite("Safetensors files")
struct SafetensorsTests {
  static let sample = SafetensorsFile(
    tensors: [
      "b": Tensor([2, 3], [1, -2, .infinity, 0.5, 1e-30, 6]), "a": Tensor([1], [7]), "empty": Tensor([0, 4]),
      "scalar": Tensor([], [3]),
    ],
    metadata: ["note": "quotes \" and \\ and\nlines, grüße 🎬 \u{1}", "format": "pt"])

  @Test("a written file is read again")
  func roundTrip() throws {
    let copy = try SafetensorsFile(Self.sample.encoded())
    #expect(copy.tensors == Self.sample.tensors)
    #expect(copy.metadata == Self.sample.metadata)
    #expect(copy.firstNotFinite == "b")
  }

  @Test("equal contents give equal bytes, tensors start aligned")
  func deterministic() {
    let bytes = Self.sample.encoded()
    #expect(bytes == Self.sample.encoded())
    #expect(bytes.prefix(8).first.map { $0 % 8 } == 0)
  }

  @Test("a file on disk")
  func disk() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("assay-\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }  // A left-over in the temporary folder is harmless.
    try Self.sample.write(to: path)
    #expect(try SafetensorsFile(path: path).tensors == Self.sample.tensors)
    let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: path + ".missing") }
    #expect(error.map { "\($0)".contains(".missing") } == true)
    #expect(throws: SafetensorsError.self) { try Self.sample.write(to: "/nonexistent/folder/x") }
  }

  @Test("half precision types are converted")
  func halfPrecision() throws {
    // 1, -2, the smallest subnormal, infinity; then 1 and -2 in bfloat16.
    let body: [UInt16] = [0x3C00, 0xC000, 0x0001, 0x7C00, 0x3F80, 0xC000]
    let header =
      #"{"h":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]}}"#
    let file = try SafetensorsFile(Self.assembled(header, body.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }))
    #expect(file.tensors["h"]?.values == [1, -2, 0x1p-24, .infinity])
    #expect(file.tensors["b"]?.values == [1, -2])
  }

  static func assembled(_ header: String, _ body: [UInt8]) -> Data {
    var data = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    data.append(contentsOf: header.utf8)
    data.append(contentsOf: body)
    return data
  }

  /// Each header breaks one rule; eight bytes follow it.
  static let broken: [(problem: String, header: String)] = [
    ("no JSON", "hello"),
    ("not an object", "[1]"),
    ("text behind the end", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x"#),
    (
      "a name twice",
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
    ),
    ("a field twice", #"{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#),
    ("an unknown field", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}"#),
    ("an unknown type", #"{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#),
    ("no shape", #"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#),
    ("a negative extent", #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#),
    ("a fraction", #"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#),
    ("a leading zero", #"{"a":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}}"#),
    ("an overflowing shape", #"{"a":{"dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8]}}"#),
    ("an overflowing number", #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}"#),
    ("offsets backwards", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#),
    ("one offset", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8]}}"#),
    ("a shape for other bytes", #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#),
    ("an end behind the file", #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#),
    ("bytes that belong to nobody", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#),
    ("a gap", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#),
    (
      "an overlap",
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
    ),
    ("metadata that is no text", #"{"__metadata__":{"x":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#),
    ("deep nesting", String(repeating: #"{"a":"#, count: 100_000)),
    ("half a surrogate pair", #"{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#),
  ]

  @Test("an invalid header is an error", arguments: broken.indices)
  func badHeader(_ index: Int) {
    let (problem, header) = Self.broken[index]
    #expect(throws: SafetensorsError.self, "\(problem)") {
      try SafetensorsFile(Self.assembled(header, [0, 0, 0, 0, 0, 0, 0, 0]))
    }
  }

  @Test("a truncated file is an error", arguments: [0, 7, 8, 20])
  func truncated(_ count: Int) {
    #expect(throws: SafetensorsError.self) { try SafetensorsFile(Self.sample.encoded().prefix(count)) }
  }

  @Test("a header length beyond the file, up to all bits, is an error", arguments: [UInt64(1000), .max, .max / 2])
  func headerLength(_ length: UInt64) {
    var data = Self.sample.encoded()
    withUnsafeBytes(of: length.littleEndian) { data.replaceSubrange(0..<8, with: $0) }
    #expect(throws: SafetensorsError.self) { try SafetensorsFile(data) }
  }

  @Test("mutated files are read or refused, never a crash")
  func mutations() {
    var generator = SeededGenerator(seed: 1)
    let original = Self.sample.encoded()
    var refused = 0
    for _ in 0..<1500 {
      do { _ = try SafetensorsFile(original.mutated(using: &generator)) } catch { refused += 1 }
    }
    #expect(refused > 500)
  }
}
