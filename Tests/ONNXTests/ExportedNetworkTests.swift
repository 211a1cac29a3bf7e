import Compute
import Foundation
import NeuralNet
import SwiftProtobuf
import TestSupport
import Testing

@testable import ONNX

/// Files as both torch exporters write them, with all of their shape arithmetic.
@Suite("Files of torch's exporters")
struct ExportedNetworkTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Exported").path
  static let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()

  static let size = Pair(height: ExportedGolden.sides.0, width: ExportedGolden.sides.1)
  static var input: Tensor {
    let shape: Shape = [ExportedGolden.batch, 3, size.height, size.width]
    return Tensor(shape, (0..<shape.count).map { Float(2 * sin(Double($0) * 0.7)) })
  }

  @Test("both exporters, folded and plain, every kind of open axis")
  func fileNames() {
    #expect(Self.files.count == 46)
    for name in ExportedGolden.outputs.keys {
      for exporter in ["script", "dynamo"] {
        #expect(Self.files.contains("\(name)-\(exporter)-fixed-folded.onnx"))
      }
    }
  }

  @Test("every export gives torch's output for a batch of any size", arguments: files)
  func golden(file: String) throws {
    let network = try ONNXFile.read(path: "\(Self.folder)/\(file)", inputSize: Self.size).network
    let wanted = try #require(ExportedGolden.outputs[file.split(separator: "-").first.map(String.init) ?? ""])
    let y = try Executor(network, batch: ExportedGolden.batch, use: .inference).infer(Self.input)
    try #require(y.count == wanted.count)
    let largest = wanted.map(abs).max() ?? 0
    let error = zip(y.values, wanted).map { abs($0 - $1) }.max() ?? .infinity
    #expect(error <= 1e-5 * largest, "\(error / largest) of the largest output")
  }

  @Test("no shape arithmetic is left in the network")
  func folded() throws {
    let file = "\(Self.folder)/padding-script-open-plain.onnx"
    let network = try ONNXFile.read(path: file, inputSize: Self.size).network
    let operations = Set(network.nodes.map(\.operation.name))
    #expect(operations == ["add", "clip", "convolution", "pad", "reduce", "slice"])
    #expect(network.parameters.count == 4)
  }

  @Test(
    "damaged shape arithmetic is an error or a network, never a trap", arguments: files.filter { $0.contains("plain") })
  func mutations(file: String) throws {
    let whole = [UInt8](try Data(contentsOf: URL(filePath: "\(Self.folder)/\(file)")))
    var generator = SeededGenerator(seed: 13)
    func place(_ count: Int) -> Int { Int(generator.next() % UInt64(count)) }
    for round in 0..<60 {
      var bytes = whole
      for _ in 0..<(1 + round % 3) { bytes[place(bytes.count)] = UInt8(generator.next() >> 56) }
      if let network = try? ONNXFile.read(Data(bytes), inputSize: Self.size).network {
        #expect((try? network.shapes(batch: 1)) != nil)
      }
    }
  }

  /// The file of a network with one more node, which becomes the output.
  private func model(adding node: Onnx_NodeProto, constants: [String: [Int]] = [:]) throws -> Data {
    let path = "\(Self.folder)/pooling-dynamo-batch-folded.onnx"
    var model = try Onnx_ModelProto(serializedBytes: Data(contentsOf: URL(filePath: path)))
    model.graph.node.append(node)
    for (name, values) in constants.sorted(by: { $0.key < $1.key }) {
      model.graph.initializer.append(
        .with {
          $0.name = name
          $0.dataType = 7
          $0.dims = [Int64(values.count)]
          $0.int64Data = values.map(Int64.init)
        })
    }
    model.graph.output[0].name = node.output[0]
    return try model.serializedBytes()
  }

  @Test(
    "what is not supported names the node and the remedy",
    arguments: [
      ("NonMaxSuppression", ["y"], "replace it before exporting"), ("Det", ["c"], "simplify the file with onnxsim"),
      ("Gather", ["y", "c"], "depends on the batch size"), ("Tile", ["y", "y"], "must be constant"),
      ("Expand", ["y", "c"], "do not broadcast"), ("Reshape", ["y", "c"], "cannot reshape"),
    ])
  func refusals(operation: String, inputs: [String], words: String) throws {
    let bytes = try model(
      adding: .with {
        $0.name = "added"
        $0.opType = operation
        $0.input = inputs
        $0.output = ["z"]
      }, constants: ["c": operation == "Gather" ? [0] : [5, 7]])
    let error = #expect(throws: ONNXError.self) { _ = try ONNXFile.read(bytes, inputSize: Self.size) }
    let text = error?.description ?? ""
    #expect(text.contains("node 'added' (\(operation))") && text.contains(words), "\(text)")
  }
}
