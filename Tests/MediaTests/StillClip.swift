import FoundationEssentials
import Imaging
import TestSupport
import Testing

@testable import Media

/// A video of one frame with a certain pixel format, shape and colours, and what `ffmpeg` makes of it.
struct StillClip: CustomTestStringConvertible, Sendable {
  let name: String
  /// Of the pattern.
  var size = (width: 192, height: 144)
  /// Filters that make the frame from the pattern.
  var filter: String
  /// Options of the encoder.
  var encoder = ["-c:v", "ffv1"]
  /// Options of the `scale` filter that converts the frame as it should be.
  var conversion = "in_range=auto"

  var testDescription: String { name }

  func path() throws -> String {
    try TestClips.make(
      name,
      ["-f", "lavfi", "-i", "testsrc2=s=\(size.width)x\(size.height)", "-frames:v", "1", "-vf", filter] + encoder)
  }

  /// The frame as the `ffmpeg` program converts it.
  ///
  /// - Parameter filters: applied behind the conversion.
  func reference(_ width: Int, _ height: Int, then filters: String? = nil) throws -> Frame {
    let scale = "scale=\(conversion):flags=bicubic+accurate_rnd+full_chroma_int+bitexact,format=rgb24"
    return try Self.converted(path(), width, height, [scale, filters].compactMap { $0 }.joined(separator: ","))
  }

  /// A frame of a file through filters of the `ffmpeg` program, which turns it upright first.
  static func converted(_ path: String, _ width: Int, _ height: Int, _ filters: String) throws -> Frame {
    let scratch = ScratchFolder()
    let result = try ExternalProgram.run([
      "ffmpeg", "-v", "error", "-i", path, "-frames:v", "1", "-vf", filters, "-pix_fmt", "rgb24", "-f", "rawvideo",
      scratch.path("rgb"),
    ])
    try #require(result.code == 0, "\(result.output)")
    let bytes = try Data(contentsOf: URL(filePath: scratch.path("rgb")))
    try #require(bytes.count == width * height * 3)
    return Frame(width: width, height: height, pixels: Array(bytes))
  }

  /// Calls `body` with the decoded frame of a file.
  static func withPicture(_ path: String, _ body: (borrowing DecodedPicture) throws -> Void) throws {
    try withDescriptor(path) { descriptor in
      let reader = try VideoReader(descriptor: descriptor)
      let report = try reader.sample(1) { picture, _ in try body(picture) }
      #expect(report.decoded == 1)
    }
  }
}

extension Frame {
  /// Largest and mean difference of two frames' values; nil when their sizes differ.
  func difference(from other: Frame) -> (largest: Int, mean: Double)? {
    guard width == other.width, height == other.height else { return nil }
    var (largest, sum) = (0, 0)
    for (a, b) in zip(pixels, other.pixels) {
      let difference = abs(Int(a) - Int(b))
      largest = max(largest, difference)
      sum += difference
    }
    return (largest, Double(sum) / Double(pixels.count))
  }
}
