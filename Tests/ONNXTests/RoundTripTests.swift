import Compute
import Foundation
import NeuralNet
import SwiftProtobuf
import TestSupport
import Testing

@testable import ONNX

@Suite("ONNX files")
struct RoundTripTests {
  /// A bit of everything that detectors are made of.
  static func network() -> Network {
    var build = NetworkBuilder(inputShape: [3, 16, 12], seed: 3)
    build.convolution("conv1", channels: 8, kernel: 3, stride: 2, bias: true)
    build.batchNorm("norm1")
    build.activation("silu1", .silu)
    build.convolution("conv2", channels: 8, kernel: 3, dilation: 2, groups: 8)
    build.activation("swish", .hardSwish)
    build.globalAveragePool("mean")
    build.convolution("gate1", channels: 8, kernel: 1, bias: true)
    build.sigmoid("gate2")
    build.binary("gated", .multiply, "swish")
    build.add("sum", "silu1")
    build.maxPool("pool", 3, stride: 2, padding: 1)
    build.append(
      "larger",
      .resize(ResizeSettings(.scale(height: 2, width: 2), method: .nearest, coordinates: .asymmetric, rounding: .floor))
    )
    build.append(
      "cut", .slice([AxisSlice(axis: 2, start: 7, count: 4, step: -2), AxisSlice(axis: 1, start: 2, count: 5)]))
    build.append("padded", .pad(PadSettings(before: [0, 0, 1, 0], after: [0, 0, 0, 2], mode: .reflect)))
    build.append("turned", .transpose([0, 2, 3, 1]))
    build.append("rows", .reshape([0, -1, 5]))
    build.append("dense", .linear, ["weight": Tensor([4, 5], repeating: 0.1), "bias": Tensor([4], repeating: 0.2)])
    build.append("shares", .softmax(axis: 2))
    build.append("top", .reduce(.maximum, axes: [1], keepsAxes: false))
    build.linear("logit", features: 1)
    return build.network
  }

  @Test("a network comes back as it was written")
  func roundTrip() throws {
    let folder = ScratchFolder()
    let path = folder.path("network.onnx")
    try ONNXFile.write(Self.network(), to: path)
    let read = try ONNXFile.read(path: path)
    #expect(read.opset == 18)
    #expect(read.producer == "assay")
    #expect(read.network.inputShape == [3, 16, 12])
    var generator = SeededGenerator(seed: 1)
    let x = Tensor.normal([3, 3, 16, 12], using: &generator)
    let before = try Executor(Self.network(), batch: 3, use: .inference).infer(x)
    let after = try Executor(read.network, batch: 3, use: .inference).infer(x)
    #expect(after.shape == before.shape)
    #expect(zip(before.values, after.values).allSatisfy { abs($0 - $1) < 1e-5 })
    // The bias of rows of vectors is a sum of its own in ONNX, and so not trained any more.
    #expect(read.network.parameterCount == Self.network().parameterCount - 4)
  }

  private func model(_ change: (inout Onnx_ModelProto) -> Void) throws -> Data {
    var exporter = try GraphExporter(Self.network())
    var (model, _) = try exporter.run(externalName: "")
    change(&model)
    return try model.serializedBytes()
  }

  @Test("all that is not supported comes in one list, by the names of the nodes")
  func unsupported() throws {
    let bytes = try model { model in
      for index in model.graph.node.indices where ["silu1", "pool"].contains(model.graph.node[index].name) {
        model.graph.node[index].opType = "Mystery"
      }
    }
    let error = #expect(throws: ONNXError.self) { _ = try ONNXFile.read(bytes) }
    guard case .unsupported(let list) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    // What follows from an unknown node is not complained about.
    #expect(list.map(\.node) == ["silu1"])
    #expect(error?.description.contains("node 'silu1' (Mystery)") == true)
  }

  @Test(
    "files that break the rules are errors that say which",
    arguments: [
      ("opset", "opset 9"), ("nan", "holds nan"), ("short", "elements where"), ("twice", "computed twice"),
      ("nothing", "which nothing before it computes"), ("huge", "claims the extents"), ("no output", "is not computed"),
      ("two inputs", "one is needed"), ("open size", "--input"),
    ])
  func broken(kind: String, words: String) throws {
    let bytes = try model { model in
      switch kind {
      case "opset": model.opsetImport[0].version = 9
      case "nan":
        model.graph.initializer.append(
          .with {
            $0.name = "x"; $0.dataType = 1; $0.dims = [1]; $0.floatData = [.nan]
          })
      case "short":
        model.graph.initializer.append(
          .with {
            $0.name = "x"; $0.dataType = 1; $0.dims = [2]; $0.floatData = [1]
          })
      case "twice": model.graph.node.append(model.graph.node[0])
      case "nothing": model.graph.node[3].input[0] = "nowhere"
      case "huge":
        model.graph.initializer.append(
          .with {
            $0.name = "x"; $0.dataType = 1; $0.dims = [1 << 40, 1 << 40]
          })
      case "no output": model.graph.output[0].name = "nowhere"
      case "two inputs": model.graph.input.append(.with { $0.name = "other" })
      default: model.graph.input[0].type.tensorType.shape.dim[2].dimParam = "H"
      }
    }
    let error = #expect(throws: ONNXError.self) { _ = try ONNXFile.read(bytes) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test("an open size is what the caller says")
  func openSize() throws {
    let bytes = try model { model in
      for axis in 2...3 { model.graph.input[0].type.tensorType.shape.dim[axis].dimParam = "?" }
    }
    #expect(try ONNXFile.read(bytes, inputSize: Pair(height: 16, width: 12)).network.inputShape == [3, 16, 12])
  }

  @Test(
    "tensors beside the file are read from its own folder, and from nowhere else",
    arguments: [
      ("weights.bin", nil), ("../weights.bin", "outside"), ("/etc/hostname", "outside"), ("link.bin", "a link out"),
      ("missing.bin", "cannot be read"), ("weights.bin?", "bytes"),
    ] as [(String, String?)])
  func external(location: String, problem: String?) throws {
    let folder = ScratchFolder()
    let values = (0..<20).map { Float($0) }
    try values.withUnsafeBytes { Data($0) }.write(to: URL(filePath: folder.path("weights.bin")))
    try FileManager.default.createSymbolicLink(atPath: folder.path("link.bin"), withDestinationPath: "/etc/hostname")
    let isLong = location.hasSuffix("?")
    let bytes = try model { model in
      let place = model.graph.initializer.firstIndex { $0.name == "dense.weight" } ?? 0
      model.graph.initializer[place].clearRawData()
      model.graph.initializer[place].dataLocation = .external
      model.graph.initializer[place].externalData = [
        .with {
          $0.key = "location"; $0.value = location.replacingOccurrences(of: "?", with: "")
        },
        .with {
          $0.key = "offset"; $0.value = isLong ? "8" : "0"
        },
      ]
    }
    guard let problem else {
      let network = try ONNXFile.read(bytes, folder: folder.path).network
      #expect(network.parameters.values.contains { $0.shape == [4, 5] && $0.values == values })
      return
    }
    let error = #expect(throws: ONNXError.self) { _ = try ONNXFile.read(bytes, folder: folder.path) }
    #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
  }

  @Test("any bytes are an error or a network, never a trap")
  func mutations() throws {
    let whole = Array(try model { _ in })
    var generator = SeededGenerator(seed: 11)
    func place(_ count: Int) -> Int { Int(generator.next() % UInt64(count)) }
    var read = 0
    for round in 0..<1500 {
      var bytes = whole
      for _ in 0..<(1 + round % 4) { bytes[place(bytes.count)] = UInt8(generator.next() >> 56) }
      if round % 10 == 0 { bytes.removeLast(place(bytes.count)) }
      // What is readable must be sound enough to be asked for its shapes.
      if let network = try? ONNXFile.read(Data(bytes)).network {
        read += 1
        #expect((try? network.shapes(batch: 1)) != nil)
      }
    }
    #expect(read > 10)
  }
}
