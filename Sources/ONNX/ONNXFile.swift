import Files
public import Compute
public import Foundation
public import NeuralNet
import SwiftProtobuf

/// What an ONNX file holds.
public struct ImportedNetwork: Sendable {
  /// With the graph's own names of input and outputs.
  public var network: Network
  public var opset: Int
  /// Program that wrote the file, as it says.
  public var producer: String
}

/// ONNX files: graphs of operators with their tensors.
///
/// Opsets 11 to 21, 32-bit floats, tensors in the file or beside it. A file is checked whole before anything is computed
/// with it: nothing in it is trusted. Arithmetic on shapes and other constants is computed on reading, so that exports
/// of networks that derive padding, views or sizes from the extents of their input become networks of fixed settings.
public enum ONNXFile {
  /// Opsets that are read.
  public static let opsets = 11...21
  /// Bytes of a file, tensors beside it not counted: protobuf's own limit.
  static let mostBytes = Int(Int32.max)

  /// - Parameters:
  ///   - inputSize: rows and columns of the input where the file leaves them open.
  /// - Throws: `ONNXError`; everything that is not supported comes in one list.
  public static func read(path: String, inputSize: Pair? = nil) throws(ONNXError) -> ImportedNetwork {
    let bytes: Data
    do {
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      guard size <= mostBytes else { throw ONNXError.file(path: path, problem: "is larger than 2 GiB") }
      bytes = try Data(contentsOf: URL(filePath: path))
    } catch let error as ONNXError {
      throw error
    } catch {
      throw .file(path: path, problem: "cannot be read: \(explanation(of: error))")
    }
    let folder = URL(filePath: path).deletingLastPathComponent().path
    return try read(bytes, folder: folder, inputSize: inputSize)
  }

  /// - Parameter folder: where tensors beside the file are looked for; nil refuses them.
  public static func read(
    _ bytes: Data, folder: String? = nil, inputSize: Pair? = nil
  ) throws(ONNXError) -> ImportedNetwork {
    let model: Onnx_ModelProto
    do {
      model = try Onnx_ModelProto(serializedBytes: bytes)
    } catch {
      throw .damaged("it is no protobuf message of this kind (\(error))")
    }
    var importer = try GraphImporter(model, tensors: TensorReader(folder: folder), inputSize: inputSize)
    return try importer.run()
  }

  /// Writes a network; tensors of more than 1 GiB go to a file beside it, named after it with `.data` behind.
  ///
  /// - Throws: `ONNXError.unsupported` for operators that ONNX does not have, `.file` when it cannot be written.
  public static func write(_ network: Network, to path: String) throws(ONNXError) {
    let name = URL(filePath: path).lastPathComponent + ".data"
    var exporter = try GraphExporter(network)
    let (model, beside) = try exporter.run(externalName: name)
    do {
      if let beside {
        try AtomicFile.write(beside, to: URL(filePath: path).deletingLastPathComponent().appending(path: name).path)
      }
      try AtomicFile.write(model.serializedBytes() as Data, to: path)
    } catch {
      throw .file(path: path, problem: "cannot be written: \((error as? FilesError)?.reason ?? "\(error)")")
    }
  }
}
