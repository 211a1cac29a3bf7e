import Compute
import Foundation
import NeuralNet
import SwiftProtobuf

/// Converts a `Network` to a graph of opset 17, or of the first later one with all of its operators; the batch size is
/// left open.
struct GraphExporter {
  /// Size of tensors above which they go to an external file: protobuf messages are limited to 2 GiB.
  private static let mostBytesInside = 1 << 30

  let network: Network
  private let shapes: [String: Shape]
  let opset: Int
  private var graph = Onnx_GraphProto()

  init(_ network: Network) throws(ONNXError) {
    self.network = network
    do {
      shapes = try network.shapes(batch: 1)
    } catch {
      throw .network("\(error)")
    }
    opset = network.nodes.reduce(17) { max($0, $1.operation.firstOpset) }
  }

  /// - Returns: the model, and the bytes of the external file if it needs one.
  mutating func run(externalName: String) throws(ONNXError) -> (model: Onnx_ModelProto, beside: Data?) {
    graph.name = "network"
    graph.input = [info(network.input)]
    graph.output = network.outputs.map(info)
    for node in network.nodes { try write(node) }
    let beside = storeTensors(externalName)
    var model = Onnx_ModelProto()
    // The IR version of 2021, which every reader of these opsets supports.
    model.irVersion = opset >= 21 ? 10 : 8
    model.producerName = "assay"
    model.opsetImport = [.with { $0.version = Int64(opset) }]
    model.graph = graph
    return (model, beside)
  }

  // MARK: - Helpers for the operators

  func shape(_ value: String) -> Shape { shapes[value] ?? [] }

  mutating func add(
    _ type: String, _ inputs: [String], _ outputs: [String], name: String,
    _ attributes: [Onnx_AttributeProto] = []
  ) {
    graph.node.append(
      .with {
        $0.opType = type
        $0.input = inputs
        $0.output = outputs
        $0.name = name
        $0.attribute = attributes
      })
  }

  /// Adds an initialiser of integers; returns its name.
  mutating func ints(_ values: [Int], name: String) -> String {
    graph.initializer.append(
      .with {
        $0.name = name
        $0.dataType = 7
        $0.dims = [Int64(values.count)]
        $0.int64Data = values.map(Int64.init)
      })
    return name
  }

  /// Adds an initialiser of floats, without extents if it is a scalar; returns its name.
  mutating func floats(_ values: [Float], name: String, isScalar: Bool = false) -> String {
    floats(values, shape: isScalar ? [] : [values.count], name: name)
  }

  /// Adds an initialiser of floats with a shape; returns its name.
  mutating func floats(_ values: [Float], shape: [Int], name: String) -> String {
    graph.initializer.append(
      .with {
        $0.name = name
        $0.dataType = 1
        $0.dims = shape.map(Int64.init)
        $0.floatData = values
      })
    return name
  }

  /// The name of a node's tensor by role; nil if it has none.
  func tensor(_ node: Node, _ role: String) -> String? { node.parameters[role] }

  // MARK: - Parts of the file

  private func info(_ value: String) -> Onnx_ValueInfoProto {
    let extents = shape(value).extents
    return .with {
      $0.name = value
      $0.type.tensorType.elemType = 1
      $0.type.tensorType.shape.dim = extents.enumerated().map { axis, extent in
        .with { if axis == 0 { $0.dimParam = "N" } else { $0.dimValue = Int64(extent) } }
      }
    }
  }

  /// All tensors that nodes refer to, sorted: equal networks give identical files.
  private mutating func storeTensors(_ externalName: String) -> Data? {
    let names = Set(network.nodes.flatMap { $0.parameters.values }).sorted()
    let bytes = names.reduce(0) { $0 + (network.parameters[$1]?.count ?? 0) * MemoryLayout<Float>.size }
    var beside: Data? = bytes > Self.mostBytesInside ? Data(capacity: bytes) : nil
    for name in names {
      guard let tensor = network.parameters[name] else { continue }
      let raw = tensor.values.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Data($0) }
      var stored = Onnx_TensorProto()
      stored.name = name
      stored.dataType = 1
      stored.dims = tensor.shape.extents.map(Int64.init)
      if beside != nil {
        stored.dataLocation = .external
        stored.externalData = [
          ("location", externalName), ("offset", "\(beside?.count ?? 0)"), ("length", "\(raw.count)"),
        ].map { key, value in
          .with {
            $0.key = key
            $0.value = value
          }
        }
        beside?.append(raw)
      } else {
        stored.rawData = raw
      }
      graph.initializer.append(stored)
    }
    return beside
  }
}

extension Operator {
  /// The first opset from 17 on that has the corresponding operator.
  fileprivate var firstOpset: Int {
    switch self {
    case .activation(.gelu): 20
    case .groupNorm: 21
    case .reduce(.mean, _, _), .reduce(.maximum, _, _): 18
    default: 17
    }
  }
}

extension Onnx_AttributeProto {
  static func int(_ name: String, _ value: Int) -> Onnx_AttributeProto {
    .with {
      $0.name = name
      $0.type = .int
      $0.i = Int64(value)
    }
  }

  static func float(_ name: String, _ value: Float) -> Onnx_AttributeProto {
    .with {
      $0.name = name
      $0.type = .float
      $0.f = value
    }
  }

  static func ints(_ name: String, _ values: [Int]) -> Onnx_AttributeProto {
    .with {
      $0.name = name
      $0.type = .ints
      $0.ints = values.map(Int64.init)
    }
  }

  static func text(_ name: String, _ value: String) -> Onnx_AttributeProto {
    .with {
      $0.name = name
      $0.type = .string
      $0.s = Data(value.utf8)
    }
  }
}
