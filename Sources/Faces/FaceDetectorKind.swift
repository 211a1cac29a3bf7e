import Digests
import Files
import Foundation
public import Imaging
import ONNX

/// The face detectors, by the name that options and settings use.
///
/// This is the registry: whatever depends on the kind of detector is decided in this file.
public enum FaceDetectorKind: String, Sendable, Codable, CaseIterable {
  /// dlib's HOG detector (`HOGFaceDetector`).
  case hog
  /// `YuNetFaceDetector`, from an ONNX file.
  case yunet

  /// The kind of a detector by the name that manifests record, such as `hog` or `yunet-8f2383e4dd3c`; nil for an
  /// unknown one.
  public init?(recordedName name: String) {
    self.init(rawValue: String(name.prefix { $0 != "-" }))
  }

  /// Whether it is read from a model file.
  public var needsModelFile: Bool {
    switch self {
    case .hog: false
    case .yunet: true
    }
  }

  /// Whether the sandbox of a process that runs it must allow executable memory.
  public var needsExecutableMemory: Bool {
    switch self {
    case .hog: false
    // oneDNN, which computes YuNet, generates code when it first sees an input size.
    case .yunet: true
    }
  }
}

/// A face detector as the user chose it: the kind, and the model file if the kind needs one.
public struct FaceDetectorChoice: Sendable, Hashable {
  public let kind: FaceDetectorKind
  /// Nil for a kind that needs none.
  public let modelPath: String?

  /// - Parameter modelPath: ignored for a kind that needs none.
  public init(_ kind: FaceDetectorKind, modelPath: String? = nil) {
    self.kind = kind
    self.modelPath = kind.needsModelFile ? modelPath : nil
  }

  /// For commands that take a model file alone: the detector that reads such a file, or without one the detector that
  /// needs none.
  public init(modelPath: String?) {
    self.init(modelPath == nil ? .hog : .yunet, modelPath: modelPath)
  }

  /// Reads the model file, if the kind needs one.
  ///
  /// - Throws: `FacesError.modelMissing` or `FacesError.modelUnreadable`.
  public func load() throws(FacesError) -> FaceDetectorModel {
    guard kind.needsModelFile else { return FaceDetectorModel(kind: kind, name: kind.rawValue, file: nil) }
    guard let modelPath else { throw .modelMissing(kind) }
    let url = URL(filePath: modelPath)
    do {
      let bytes = try Data(contentsOf: url)
      return FaceDetectorModel(
        kind: kind, name: "\(kind.rawValue)-" + SHA256.hexadecimal(of: bytes).prefix(12),
        file: .init(bytes: bytes, folder: url.deletingLastPathComponent().path))
    } catch {
      throw .modelUnreadable(path: modelPath, reason: explanation(of: error))
    }
  }
}

/// A kind of face detector with its model file in memory; makes a detector for each thread.
public struct FaceDetectorModel: Sendable {
  struct File: Sendable {
    var bytes: Data
    /// Of the tensors that an ONNX file keeps outside of itself.
    var folder: String
  }

  public let kind: FaceDetectorKind
  /// As manifests and crop contracts record it: `hog`, or `yunet-` and the first digits of the file's SHA-256.
  public let name: String
  let file: File?

  /// - Throws: `FacesError.detectorUnavailable` when the model file holds no detector of this kind.
  public func make() throws(FacesError) -> AnyFaceDetector {
    switch kind {
    case .hog: return AnyFaceDetector(try HOGFaceDetector())
    case .yunet:
      guard let file else { throw .modelMissing(kind) }
      // A network is made for each size of frame.
      return AnyFaceDetector(
        try YuNetFaceDetector(name: name) { size in
          try ONNXFile.read(file.bytes, folder: file.folder, inputSize: size).network
        })
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
