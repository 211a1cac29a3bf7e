import CFaceWeights
import Compute
import Digests
import Files
import Foundation
public import Imaging
import NeuralNet
import ONNX
import Safetensors

/// The face detectors, by the name that options and settings use.
///
/// This is the registry: whatever depends on the kind of detector is decided in this file.
public enum FaceDetectorKind: String, Sendable, Codable, CaseIterable {
  /// The network of `StandardFaceNetwork`; its weights are part of the program.
  case standard
  /// YuNet, from an ONNX file.
  case yunet

  /// The detector that is used when nothing else is said.
  public static let usual = FaceDetectorKind.standard

  /// The kind of a detector by the name that manifests record, such as `yunet-8f2383e4dd3c`; nil for an unknown one.
  public init?(recordedName name: String) {
    self.init(rawValue: String(name.prefix { $0 != "-" }))
  }

  /// Whether it must be given a model file.
  public var needsModelFile: Bool {
    switch self {
    case .standard: false
    case .yunet: true
    }
  }
}

/// A face detector as the user chose it: the kind, and a model file.
public struct FaceDetectorChoice: Sendable, Hashable {
  public let kind: FaceDetectorKind
  /// Nil for the weights that are part of the program.
  public let modelPath: String?

  public init(_ kind: FaceDetectorKind, modelPath: String? = nil) {
    self.kind = kind
    self.modelPath = modelPath
  }

  /// The detector that is used when nothing else is said.
  public static let usual = FaceDetectorChoice(.usual)

  /// For commands that take a model file alone: YuNet for an ONNX file, the standard network for any other, the usual
  /// detector without one.
  public init(modelPath: String?) {
    guard let modelPath else {
      self = .usual
      return
    }
    self.init(modelPath.hasSuffix(".onnx") ? .yunet : .standard, modelPath: modelPath)
  }

  /// Reads the model file, or takes the program's own weights.
  ///
  /// - Throws: `FacesError.modelMissing` or `FacesError.modelUnreadable`.
  public func load() throws(FacesError) -> FaceDetectorModel {
    guard let modelPath else {
      guard kind == .standard else { throw .modelMissing(kind) }
      var count = 0
      let weights = face_detector_weights(&count)
      return FaceDetectorModel(kind: kind, bytes: Data(bytes: weights, count: count), folder: "")
    }
    let url = URL(filePath: modelPath)
    do {
      return FaceDetectorModel(
        kind: kind, bytes: try Data(contentsOf: url), folder: url.deletingLastPathComponent().path)
    } catch {
      throw .modelUnreadable(path: modelPath, reason: explanation(of: error))
    }
  }
}

/// A kind of face detector with its model file in memory; makes a detector for each thread.
public struct FaceDetectorModel: Sendable {
  public let kind: FaceDetectorKind
  /// As manifests and face-crop settings record it: the kind, and the first digits of its file's SHA-256.
  public let name: String
  private let bytes: Data
  /// Of the tensors that an ONNX file keeps outside of itself.
  private let folder: String

  init(kind: FaceDetectorKind, bytes: Data, folder: String) {
    self.kind = kind
    self.bytes = bytes
    self.folder = folder
    name = "\(kind.rawValue)-\(SHA256.hexadecimal(of: bytes).prefix(12))"
  }

  /// - Throws: `FacesError.detectorUnavailable` when the model file holds no detector of this kind.
  public func make() throws(FacesError) -> AnyFaceDetector { AnyFaceDetector(try makeGrid()) }

  /// The detector as a network, which provides gradients.
  ///
  /// - Throws: `FacesError.detectorUnavailable` when the model file holds no detector of this kind.
  package func makeGrid() throws(FacesError) -> GridFaceDetector {
    switch kind {
    case .standard:
      let tensors: [String: Tensor]
      do { tensors = try SafetensorsFile(bytes).tensors } catch {
        throw .detectorUnavailable(name: name, reason: error.description)
      }
      let name = name
      return try GridFaceDetector(name: name, format: .standard) { size in
        try StandardFaceNetwork.network(size, weights: tensors, name: name)
      }
    case .yunet:
      let (bytes, folder) = (bytes, folder)
      return try GridFaceDetector(name: name, format: .yuNet) { size in
        try ONNXFile.read(bytes, folder: folder, inputSize: size).network
      }
    }
  }
}

/// A face detector whose kind does not matter; copies share one detector, which one thread uses.
public struct AnyFaceDetector: FaceDetector {
  private let finder: any FaceFinding

  init(_ detector: consuming some FaceDetector & ~Copyable) { finder = FaceFinder(detector) }

  public var name: String { finder.name }
  public var scale: DetectorScale { finder.scale }

  public func faces(in frame: Frame) throws(FacesError) -> [Detection] { try finder.faces(in: frame) }
}

private protocol FaceFinding: AnyObject {
  var name: String { get }
  var scale: DetectorScale { get }
  func faces(in frame: Frame) throws(FacesError) -> [Detection]
}

private final class FaceFinder<Detector: FaceDetector & ~Copyable>: FaceFinding {
  private var detector: Detector
  let name: String
  let scale: DetectorScale

  init(_ detector: consuming Detector) {
    name = detector.name
    scale = detector.scale
    self.detector = detector
  }

  func faces(in frame: Frame) throws(FacesError) -> [Detection] { try detector.faces(in: frame) }
}
