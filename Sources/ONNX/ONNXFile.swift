public import Compute
import Files
public import Foundation
public import NeuralNet
import SwiftProtobuf

/// The content of an ONNX file.
public struct ImportedNetwork: Sendable {
  /// Keeps the graph's names of input and outputs.
  public var network: Network
  public var opset: Int
  /// The producer named in the file.
  public var producer: String
  /// `metadata_props`; of a key that occurs twice, the last value.
  public var metadata: [String: String]
}

/// ONNX files: graphs of operators with their tensors.
///
/// Supports opsets 11 to 21, 32-bit floats, and tensors in the file or in external data. The whole untrusted file is
/// checked before any computation. Arithmetic on shapes and other constants is folded at import, so that exports of
/// networks that derive padding, views or sizes from the extents of their input become networks with fixed settings.
public enum ONNXFile {
  /// Opsets that can be read.
  public static let opsets = 11...21
  /// Maximum file size without external tensors: protobuf's own limit.
  static let mostBytes = Int(Int32.max)

  /// - Parameters:
  ///   - inputSize: height and width of the input if the file leaves them open.
  /// - Throws: `ONNXError`; one error lists everything that is not supported.
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

  /// - Parameter folder: folder of external tensors; nil rejects them.
  public static func read(
    _ bytes: Data, folder: String? = nil, inputSize: Pair? = nil
  ) throws(ONNXError) -> ImportedNetwork {
    let model: Onnx_ModelProto
    do {
      model = try Onnx_ModelProto(serializedBytes: bytes)
    } catch {
      throw .damaged("not a protobuf message of this kind (\(error))")
    }
    var importer = try GraphImporter(model, tensors: TensorReader(folder: folder), inputSize: inputSize)
    return try importer.run()
  }

  /// Writes a network; if its tensors exceed 1 GiB, they go to an external file named after it with `.data` appended.
  ///
  /// - Parameter metadata: `metadata_props`, by key.
  /// - Throws: `ONNXError.unsupported` for operators without an ONNX equivalent, `.file` when it cannot be written.
  public static func write(
    _ network: Network, metadata: [String: String] = [:], to path: String
  ) throws(ONNXError) {
    let name = URL(filePath: path).lastPathComponent + ".data"
    var exporter = try GraphExporter(network)
    var (model, beside) = try exporter.run(externalName: name)
    model.metadataProps = metadata.sorted { $0.key < $1.key }.map { key, value in
      .with {
        $0.key = key
        $0.value = value
      }
    }
    do {
      if let beside {
        try AtomicFile.write(beside, to: URL(filePath: path).deletingLastPathComponent().appending(path: name).path)
      }
      try AtomicFile.write(model.serializedBytes() as Data, to: path)
    } catch {
      throw .file(path: path, problem: "cannot be written: \((error as? FilesError)?.reason ?? explanation(of: error))")
    }
  }
}
