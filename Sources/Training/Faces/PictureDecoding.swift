import Datasets
import Decoder
import Faces
import Files
import Imaging
import Media
import Runs

/// A whole picture or frame, reduced to a longest side.
struct WholePicture {
  var frame: Frame
  /// Since the first frame of a video.
  var seconds: Double
}

/// Reads whole pictures and frames in a decoder process.
enum PictureDecoding {
  /// - Parameter detector: of the process; whole pictures do not need it, but it must be one that works.
  static func client(frames: Int, longestSide: Int, detector: FaceDetectorChoice) -> DecoderClient {
    DecoderClient(
      request: DecodeRequest(
        frames: frames, mode: .exact, faces: .wholePicture, framing: FaceFraming(margin: 0), cropSize: longestSide,
        cpuSeconds: 120), detector: detector,
      timeoutSeconds: 120, memoryMiB: 1024, filesPerProcess: 200, followSymlinks: true)
  }

  /// Hands over each sampled frame of a video, or the picture.
  ///
  /// - Returns: why the file could not be decoded to its end; nil if it could.
  static func read(
    _ path: String, _ kind: LabelledItem.Kind, _ client: inout DecoderClient, _ body: (WholePicture) throws -> Void
  ) throws -> String? {
    var squares: [[UInt8]] = []
    let file = try client.decode(Array(path.utf8), content: kind == .video ? .video : .picture) { squares.append($0) }
    for (square, frame) in zip(squares, file.frames) {
      guard let face = frame.faces.first else { continue }
      try body(WholePicture(frame: Self.picture(square, box: face.box), seconds: frame.seconds))
    }
    return file.failure?.message
  }

  /// The picture in the middle of a square around it, not larger than it was.
  ///
  /// - Parameter box: the square in the picture's pixels.
  private static func picture(_ pixels: [UInt8], box: Box) -> Frame {
    var side = 1
    while side * side * 3 < pixels.count { side += 1 }
    let square = Frame(width: side, height: side, pixels: pixels)
    let scale = Double(side) / box.width
    let (width, height) = (2 * box.centerX, 2 * box.centerY)
    let region = Box(
      x: (Double(side) - width * scale) / 2, y: (Double(side) - height * scale) / 2, width: width * scale,
      height: height * scale)
    let shown = min(scale, 1)
    return square.thumbnail(
      of: region, width: max(1, Int((width * shown).rounded())), height: max(1, Int((height * shown).rounded())))
  }
}
