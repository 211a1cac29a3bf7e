import TestSupport
import Testing

/// A clip of moving test patterns with something awkward about it.
struct Clip: CustomTestStringConvertible, Sendable {
  let name: String
  let arguments: [String]
  /// Clips that `arguments` read.
  var sources: [String] = []

  var testDescription: String { name }

  /// Its path; it is made when it does not exist.
  func path() throws -> String {
    for clip in Self.all where sources.contains(clip.name) { _ = try clip.path() }
    return try TestClips.make(name, arguments)
  }

  static func named(_ name: String) throws -> String {
    guard let clip = all.first(where: { $0.name == name }) else { preconditionFailure("there is no clip \(name)") }
    return try clip.path()
  }

  private static let pattern = ["-f", "lavfi", "-i", "testsrc2=s=192x144:r=25:d=4"]
  private static let x264 = pattern + ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
  private static let x265 = pattern + ["-c:v", "libx265", "-preset", "ultrafast"]
  private static let remux = ["-c", "copy"]

  /// All that a full decode can be compared with.
  static let all: [Clip] = [
    Clip(
      name: "b-pyramid.mp4",
      arguments: x264 + ["-x264-params", "bframes=4:b-adapt=0:b-pyramid=normal:ref=4:keyint=40:scenecut=0"]),
    Clip(name: "one-group.mp4", arguments: x264 + ["-bf", "3"]),
    Clip(name: "no-references.mkv", arguments: x264 + ["-g", "1"]),
    Clip(
      name: "open-groups.mkv", arguments: x264 + ["-x264-params", "bframes=3:open-gop=1:keyint=20:scenecut=0"]),
    Clip(
      name: "open-groups.ts", arguments: x264 + ["-x264-params", "bframes=3:open-gop=1:keyint=20:scenecut=0"]),
    Clip(name: "fragments.mp4", arguments: x264 + ["-bf", "2", "-g", "25", "-movflags", "frag_keyframe+empty_moov"]),
    Clip(name: "fields.mp4", arguments: x264 + ["-vf", "tinterlace=4", "-x264-params", "tff=1:keyint=20"]),
    Clip(name: "ten-bit.mkv", arguments: x264 + ["-pix_fmt", "yuv420p10le", "-g", "30"]),
    Clip(name: "full-colour.mp4", arguments: x264 + ["-pix_fmt", "yuv444p", "-g", "30"]),
    Clip(
      name: "edit-list.mp4", arguments: ["-ss", "0.5", "-i", "CLIP/b-pyramid.mp4"] + remux, sources: ["b-pyramid.mp4"]),
    Clip(name: "no-times.264", arguments: ["-i", "CLIP/b-pyramid.mp4"] + remux, sources: ["b-pyramid.mp4"]),
    Clip(name: "no-times.avi", arguments: ["-i", "CLIP/b-pyramid.mp4"] + remux, sources: ["b-pyramid.mp4"]),
    Clip(
      name: "slides.mkv",
      arguments: x264 + [
        "-vf", "select='not(mod(n,7))+gt(n,60)',setpts='PTS+if(gt(N,20),3/TB,0)'", "-fps_mode", "vfr",
      ]),
    Clip(
      name: "hevc-open.mp4",
      arguments: x265 + ["-x265-params", "log-level=none:keyint=25:bframes=4:open-gop=1", "-tag:v", "hvc1"]),
    Clip(
      name: "hevc-layers.mkv",
      arguments: x265 + ["-x265-params", "log-level=none:keyint=25:bframes=4:temporal-layers=3"]),
    Clip(name: "hevc-no-times.265", arguments: ["-i", "CLIP/hevc-open.mp4"] + remux, sources: ["hevc-open.mp4"]),
    // Begins with the leading pictures of a key frame, which can be decoded.
    Clip(
      name: "hevc-decodable.ts",
      arguments: x265 + [
        "-x265-params",
        "log-level=none:open-gop=0:radl=2:keyint=25:min-keyint=25:scenecut=0:bframes=4:b-adapt=0",
      ]),
    Clip(
      name: "hevc-decodable-first.ts",
      arguments: ["-ss", "1.1", "-i", "CLIP/hevc-decodable.ts"] + remux + ["-copyts"], sources: ["hevc-decodable.ts"]),
    // Two pictures in a packet.
    Clip(name: "packed.avi", arguments: pattern + ["-c:v", "libxvid", "-bf", "2", "-q:v", "4"]),
    Clip(
      name: "wrapping.ts",
      arguments: pattern + ["-c:v", "mpeg2video", "-bf", "2", "-g", "25", "-output_ts_offset", "95442"]
    ),
    // Small frames, several to a packet of the container: not all have a time.
    Clip(name: "mpeg2.mpg", arguments: pattern + ["-c:v", "mpeg2video", "-bf", "2", "-g", "12"]),
    Clip(name: "mpeg4.avi", arguments: pattern + ["-c:v", "mpeg4", "-bf", "2", "-g", "20", "-q:v", "4"]),
    Clip(name: "mpeg4.mp4", arguments: pattern + ["-c:v", "mpeg4", "-bf", "2", "-g", "20", "-q:v", "4"]),
    Clip(
      name: "vp8-hidden.webm",
      arguments: pattern + [
        "-c:v", "libvpx", "-cpu-used", "8", "-g", "30", "-auto-alt-ref", "1", "-lag-in-frames", "16",
      ]
    ),
    Clip(
      name: "vp9-hidden.webm",
      arguments: pattern + [
        "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "30", "-auto-alt-ref", "1",
        "-lag-in-frames", "16",
      ]),
    Clip(name: "av1.mkv", arguments: pattern + ["-c:v", "libsvtav1", "-preset", "12", "-g", "30"]),
    Clip(name: "mjpeg.avi", arguments: pattern + ["-c:v", "mjpeg", "-q:v", "5", "-pix_fmt", "yuvj422p"]),
    Clip(name: "wmv2.wmv", arguments: pattern + ["-c:v", "wmv2", "-g", "25"]),
    Clip(name: "theora.ogv", arguments: pattern + ["-c:v", "libtheora", "-g", "30"]),
    Clip(name: "sorenson.flv", arguments: pattern + ["-c:v", "flv", "-g", "25"]),
    Clip(name: "prores.mov", arguments: pattern + ["-c:v", "prores"]),
    Clip(name: "odd-size.avi", arguments: ["-f", "lavfi", "-i", "testsrc2=s=131x77:r=25:d=2", "-c:v", "ffv1"]),
    Clip(name: "animation.gif", arguments: ["-f", "lavfi", "-i", "testsrc2=s=96x72:r=10:d=2"]),
  ]
}
