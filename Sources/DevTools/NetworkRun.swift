import Compute
import Foundation
import Models
import NeuralNet
import ONNX

/// Runs a network on raw floats, for comparing this engine with others: `run NETWORK SHAPE INPUT OUTPUT [COPY]`.
///
/// NETWORK is an ONNX file, a model file or a name of the catalogue, then with random weights. SHAPE is the input's extents
/// by commas, the batch first. INPUT holds little-endian floats; each of the network's outputs is written to OUTPUT.0,
/// OUTPUT.1, …, and its extents are printed, one line each. COPY gets the network as ONNX.
enum NetworkRun {
  /// - Throws: also when the file uses what is not supported.
  static func run(_ arguments: [String]) throws {
    let extents = arguments[1].split(separator: ",").compactMap { Int($0) }
    let isPicture = extents.count == 4
    let size = isPicture ? Pair(height: extents[2], width: extents[3]) : nil
    let bytes = try Data(contentsOf: URL(filePath: arguments[2]))
    let x = Tensor(Shape(extents), bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) })
    let network: Network =
      if arguments[0].hasSuffix(".safetensors") {
        try DetectorModel.load(from: arguments[0]).network
      } else if FileManager.default.fileExists(atPath: arguments[0]) {
        try ONNXFile.read(path: arguments[0], inputSize: size).network
      } else {
        try randomNetwork(arguments[0], for: x)
      }
    let executor = try Executor(network, batch: extents[0], use: .inference, chunk: extents[0])
    try executor.setInput(x)
    for (index, output) in try executor.inferAll(count: extents[0]).enumerated() {
      try output.values.withUnsafeBytes { Data($0) }.write(to: URL(filePath: "\(arguments[3]).\(index)"))
      print(output.shape.extents.map(String.init).joined(separator: ","))
    }
    if arguments.count == 5 { try ONNXFile.write(network, to: arguments[4]) }
  }

  /// The network of the catalogue as a trained one is: scales that are not those of a start, and the running statistics of
  /// this input, without which rounding errors grow from layer to layer.
  private static func randomNetwork(_ name: String, for x: Tensor) throws -> Network {
    var design = try NetworkName(name).design()
    design.inputSize = x.shape[2]
    var network = design.network(seed: 1)
    var generator = SeededGenerator(seed: 2)
    for index in network.nodes.indices {
      guard case .batchNorm(var settings) = network.nodes[index].operation else { continue }
      settings.momentum = 1
      network.nodes[index].operation = .batchNorm(settings)
      let roles = network.nodes[index].parameters
      for (role, start) in [("scale", Float(0.5)), ("shift", -0.5)] {
        guard let parameter = roles[role], let shape = network.parameters[parameter]?.shape else { continue }
        network.parameters[parameter] = Tensor(shape) { values in
          for index in values.indices { values[index] = start + generator.uniform() }
        }
      }
    }
    let executor = try Executor(network, batch: x.shape[0], use: .training)
    try executor.setInput(x)
    _ = try executor.forward(seed: 1, step: 0)
    network.parameters.merge(executor.runningStatistics) { _, new in new }
    return network
  }
}
