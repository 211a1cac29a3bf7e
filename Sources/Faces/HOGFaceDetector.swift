import CDlib
import Foundation
public import Imaging

/// dlib's frontal face detector: five HOG filters over an image pyramid (Dalal and Triggs 2005; King 2015).
///
/// Finds upright faces, frontal and half turned, of at least 70 pixels. Owns the filters and the buffers of one
/// worker (a few MB).
public struct HOGFaceDetector: FaceDetector, ~Copyable {
  private let handle: OpaquePointer
  private var grey: [UInt8] = []

  public let name = "dlib-hog-19.24"

  /// 540 pixels find faces from an eighth of the shorter side on; 720 pixels cost 1.8 times as much and add the
  /// ones from a tenth on.
  public let scale = DetectorScale(
    shortSide: 540, fineShortSide: 720, faceSide: 82, followingConfidence: confidence(ofScore: followingScore))

  /// Of 232 real frames searched as a whole, this score adds 6 missed faces and 2 false ones to those above 0; near
  /// the last place of a face only the former remain.
  private static let followingScore = -0.3

  /// Enough for any picture in which a face still has 70 pixels.
  private static let mostFaces = 128

  public init() throws(FacesError) {
    var created: OpaquePointer?
    let status = cdlib_face_detector_create(&created)
    guard status == cdlib_ok, let created else {
      throw .detectorUnavailable(name: "dlib-hog", reason: Self.reason(status))
    }
    handle = created
  }

  deinit { cdlib_face_detector_free(handle) }

  public mutating func faces(in frame: Frame) throws(FacesError) -> [Detection] {
    frame.luminance(into: &grey)
    var found = [cdlib_face](repeating: cdlib_face(), count: Self.mostFaces)
    var count: Int32 = 0
    let status = cdlib_find_faces(
      handle, grey, Int32(frame.width), Int32(frame.height), Self.followingScore, &found, Int32(found.count), &count)
    guard status == cdlib_ok else {
      throw .detectionFailed(
        name: name, width: frame.width, height: frame.height, reason: Self.reason(status))
    }
    return found.prefix(Int(count)).map { face in
      Detection(box: Self.faceBox(of: face), confidence: Self.confidence(ofScore: face.score))
    }
  }

  /// dlib's boxes reach from the brows to below the chin. These numbers bring them to `Detection.box`'s framing,
  /// with which 840 face crops of FaceForensics++ agree: grown by 30 %, a box shows what such a crop shows.
  private static func faceBox(of face: cdlib_face) -> Box {
    let centerX = face.left + face.width / 2
    let centerY = face.top + face.height / 2 - 0.097 * face.height
    let side = 0.855 * (face.width + face.height) / 2
    return Box(x: centerX - side / 2, y: centerY - side / 2, width: side, height: side)
  }

  /// Scores are distances from a plane; 0 becomes 0.5, a clear face (1) becomes 0.95.
  private static func confidence(ofScore score: Double) -> Float {
    Float(1 / (1 + exp(-3 * score)))
  }

  private static func reason(_ status: cdlib_status) -> String {
    status == cdlib_out_of_memory ? "memory ran out" : "dlib reports an error (code \(status.rawValue))"
  }
}

extension Frame {
  /// Brightness of each pixel (BT.601 weights), row by row.
  ///
  /// - Parameter grey: replaced by `width * height` bytes; its memory is used again.
  func luminance(into grey: inout [UInt8]) {
    let count = width * height
    if grey.count != count { grey = [UInt8](repeating: 0, count: count) }
    grey.withUnsafeMutableBufferPointer { grey in
      pixels.withUnsafeBufferPointer { pixels in
        for i in 0..<count {
          let red = UInt32(pixels[i * 3]) &* 77
          let green = UInt32(pixels[i * 3 + 1]) &* 150
          let blue = UInt32(pixels[i * 3 + 2]) &* 29
          grey[i] = UInt8(truncatingIfNeeded: (red &+ green &+ blue &+ 128) &>> 8)
        }
      }
    }
  }
}
