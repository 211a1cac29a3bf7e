import Compute
import Foundation
import NeuralNet
import ONNX

/// Runs an ONNX file on raw floats, for comparing this engine with others: `NetworkRunner MODEL SHAPE INPUT OUTPUT`.
///
/// SHAPE is the input's extents by commas, the batch first. INPUT holds little-endian floats; each of the network's
/// outputs is written to OUTPUT.0, OUTPUT.1, …, and its extents are printed, one line each. Exits with 3 and the reasons
/// when the file uses what is not supported.
let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 4 else {
  FileHandle.standardError.write(Data("usage: NetworkRunner MODEL SHAPE INPUT OUTPUT\n".utf8))
  exit(64)
}
do {
  let extents = arguments[1].split(separator: ",").compactMap { Int($0) }
  let isPicture = extents.count == 4
  let size = isPicture ? Pair(height: extents[2], width: extents[3]) : nil
  let network = try ONNXFile.read(path: arguments[0], inputSize: size).network
  let bytes = try Data(contentsOf: URL(filePath: arguments[2]))
  let values = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  let executor = try Executor(network, batch: extents[0], use: .inference, chunk: extents[0])
  try executor.setInput(Tensor(Shape(extents), values))
  for (index, output) in try executor.inferAll(count: extents[0]).enumerated() {
    try output.values.withUnsafeBytes { Data($0) }.write(to: URL(filePath: "\(arguments[3]).\(index)"))
    print(output.shape.extents.map(String.init).joined(separator: ","))
  }
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(3)
}
