import TestSupport

/// Every frame of a video as the `ffmpeg` program decodes it, without skipping anything.
struct ReferenceDecode {
  struct Frame {
    /// Since the first frame.
    var seconds: Double
    /// MD5 of the planes.
    var digest: String
  }

  /// In order of presentation.
  var frames: [Frame] = []

  init(_ path: String, stream: String = "0:v:0") throws {
    let result = try ExternalProgram.run([
      "ffmpeg", "-v", "quiet", "-threads", "1", "-noautorotate", "-i", path, "-map", stream, "-fps_mode", "passthrough",
      "-enc_time_base", "-1", "-f", "framemd5", "-",
    ])
    var timeBase = 1.0
    var first: Double?
    for line in result.output.split(separator: "\n") {
      if line.hasPrefix("#tb 0: ") {
        let parts = line.dropFirst("#tb 0: ".count).split(separator: "/").compactMap { Double($0) }
        timeBase = parts[0] / parts[1]
      }
      guard !line.hasPrefix("#") else { continue }
      let fields = line.split(separator: ",").map { $0.drop { $0 == " " } }
      guard fields.count == 6, let pts = Double(fields[2]) else { continue }
      let seconds = pts * timeBase
      frames.append(Frame(seconds: seconds - (first ?? seconds), digest: String(fields[5])))
      first = first ?? seconds
    }
  }

  /// The frame that is shown at a time.
  func nearest(to seconds: Double) -> Frame? {
    frames.min { abs($0.seconds - seconds) < abs($1.seconds - seconds) }
  }
}
