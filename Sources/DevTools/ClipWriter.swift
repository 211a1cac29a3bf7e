import Foundation
import Imaging
import SampleArt

/// Draws a clip and encodes it as H.264 with the `ffmpeg` on the path; the same bytes on every run.
func writeClip(_ clip: SampleClip, to file: URL) throws(DevToolsError) {
  switch clip.finish {
  case .plain:
    try encode(clip, filters: [], to: file)
  case .cut(let part):
    try encode(clip, filters: [], to: file)
    try cut(file, at: part)
  case .lying:
    // ffmpeg writes a rotation when it copies a stream, not when it encodes one, and counts it anticlockwise.
    let lying = file.deletingPathExtension().appendingPathExtension("lying.mp4")
    defer { try? FileManager.default.removeItem(at: lying) }  // A left-over does no harm.
    try encode(clip, filters: ["transpose=cclock"], to: lying)
    let arguments =
      ["-i", lying.path, "-c", "copy", "-metadata:s:v:0", "rotate=270"] + fileOptions + [file.path]
    try runFFmpeg(arguments, clip: clip.name) { _ in }
  }
}

/// Options that keep versions and dates out of a file and put its index in front.
private let fileOptions = ["-fflags", "+bitexact", "-movflags", "+faststart"]

private func encode(_ clip: SampleClip, filters: [String], to file: URL) throws(DevToolsError) {
  let conversions = ["scale=out_color_matrix=bt709:out_range=tv", "format=yuv420p"]
  let arguments =
    [
      "-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", "\(clip.scene.width)x\(clip.scene.height)",
      "-framerate", "\(Scene.framesPerSecond)", "-i", "pipe:0",
      "-vf", (filters + conversions).joined(separator: ","),
      "-c:v", "libx264", "-preset", "medium", "-crf", "20", "-threads", "1", "-flags:v", "+bitexact",
      "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
    ] + fileOptions + [file.path]
  try runFFmpeg(arguments, clip: clip.name) { pipe in
    for index in 0..<clip.frameCount { try pipe.write(contentsOf: Data(clip.scene.frame(index).pixels)) }
  }
}

/// Runs `ffmpeg` to its end.
///
/// - Parameter feed: writes its standard input, which is closed afterwards.
private func runFFmpeg(
  _ arguments: [String], clip: String, feed: (FileHandle) throws -> Void
) throws(DevToolsError) {
  let input = Pipe()
  let ffmpeg = Process()
  ffmpeg.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  ffmpeg.arguments = ["ffmpeg", "-loglevel", "error", "-y"] + arguments
  ffmpeg.standardInput = input
  do {
    try ffmpeg.run()
  } catch {
    throw .ffmpegNotStarted(reason: error.localizedDescription)
  }
  // When ffmpeg stops reading, its exit status says why.
  try? feed(input.fileHandleForWriting)
  try? input.fileHandleForWriting.close()
  ffmpeg.waitUntilExit()
  guard ffmpeg.terminationStatus == 0 else {
    throw .ffmpegFailed(clip: clip, status: ffmpeg.terminationStatus)
  }
}

/// Keeps the first `part` of a file's bytes.
private func cut(_ file: URL, at part: Double) throws(DevToolsError) {
  do {
    let bytes = try Data(contentsOf: file)
    try bytes.prefix(Int(Double(bytes.count) * part)).write(to: file)
  } catch {
    throw .fileNotWritten(path: file.path, reason: error.localizedDescription)
  }
}

/// Why a sample clip could not be written.
enum DevToolsError: Error, CustomStringConvertible {
  case ffmpegNotStarted(reason: String)
  case ffmpegFailed(clip: String, status: Int32)
  case fileNotWritten(path: String, reason: String)
  case manifestNotRead(path: String, reason: String)

  var description: String {
    switch self {
    case .ffmpegNotStarted(let reason): "cannot start ffmpeg (\(reason)); install the package ffmpeg"
    case .ffmpegFailed(let clip, let status): "ffmpeg ended with status \(status) while writing \(clip)"
    case .fileNotWritten(let path, let reason): "cannot write \(path): \(reason)"
    case .manifestNotRead(let path, let reason): "cannot read the manifest \(path): \(reason)"
    }
  }
}
