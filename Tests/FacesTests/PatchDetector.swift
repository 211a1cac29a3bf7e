import Faces
import Imaging

/// A stand-in for a face detector: red and green patches are sure faces, a blue one is an unsure face.
struct PatchDetector: FaceDetector {
  /// What a tracker showed to its detector.
  final class Log {
    var frames: [Frame] = []
    var sizes: [String] { frames.map { "\($0.width)×\($0.height)" } }
  }

  let log: Log
  var failing = false
  let name = "patches"
  let scale = DetectorScale(shortSide: 90, faceSide: 20, followingConfidence: 0.2)

  func faces(in frame: Frame) throws(FacesError) -> [Detection] {
    if failing { throw .detectionFailed(name: name, width: frame.width, height: frame.height, reason: "told to") }
    log.frames.append(frame)
    return (0..<3).compactMap { channel in
      boundingBox(ofChannel: channel, in: frame).map { Detection(box: $0, confidence: channel == 2 ? 0.3 : 0.9) }
    }
  }

  /// Faces of fewer than 8 pixels are not seen.
  private func boundingBox(ofChannel channel: Int, in frame: Frame) -> Box? {
    var columns: [Int] = []
    var rows: [Int] = []
    for i in 0..<frame.width * frame.height where frame.pixels[i * 3 + channel] > 127 {
      columns.append(i % frame.width)
      rows.append(i / frame.width)
    }
    guard let left = columns.min(), let right = columns.max(), let top = rows.min(), let bottom = rows.max() else {
      return nil
    }
    guard right - left >= 7 else { return nil }
    return Box(x: Double(left), y: Double(top), width: Double(right - left + 1), height: Double(bottom - top + 1))
  }
}

/// One patch of a test picture.
struct Patch {
  enum Kind: Int { case red, green, blue }
  var kind: Kind
  var x: Int
  var y: Int
  var side = 40
}

extension Frame {
  /// A black picture with patches on it.
  static func patches(_ patches: [Patch], width: Int = 640, height: Int = 360) -> Frame {
    var frame = Frame(width: width, height: height, pixels: [UInt8](repeating: 0, count: width * height * 3))
    for patch in patches {
      for y in patch.y..<patch.y + patch.side {
        for x in patch.x..<patch.x + patch.side { frame.pixels[(y * width + x) * 3 + patch.kind.rawValue] = 255 }
      }
    }
    return frame
  }
}
