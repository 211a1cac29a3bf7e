import Foundation
import TestSupport
import Verdicts

extension HostileFile {
  /// Videos of each container that end in their middle, and videos with turned bits.
  static let damaged: [HostileFile] = containers.flatMap { container in
    let (name, arguments, cut) = container
    let file = name.split(separator: ".")
    return [
      HostileFile("half-\(name)", cut) { workshop in try workshop.clip(name, arguments).cut(0.503) },
      HostileFile("noisy-\(file[0]).\(file[1])", .damaged) { workshop in
        let whole = try workshop.clip(name, arguments)
        return whole.noisy(every: 150, behind: min(2000, whole.count / 4))
      },
    ]
  }

  private static let containers: [(String, [String], Expectation)] = [
    ("mp4-front.mp4", x264 + ["-movflags", "faststart"], .warned([.truncated])),
    ("mp4-behind.mp4", x264, .failed([.truncated])),
    ("fragments.mp4", x264 + ["-movflags", "frag_keyframe+empty_moov"], .warned([.truncated])),
    ("quicktime.mov", pattern + ["-c:v", "mpeg4", "-movflags", "faststart"], .warned([.truncated])),
    ("matroska.mkv", x264, .warned([.truncated])),
    ("vp9.webm", pattern + ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"], .warned([.truncated])),
    ("riff.avi", pattern + ["-c:v", "mpeg4"], .warned([.truncated])),
    ("transport.ts", x264, .warned([.truncated])),
    ("program.mpg", pattern + ["-c:v", "mpeg2video"], .warned([.truncated])),
    ("flash.flv", pattern + ["-c:v", "flv"], .warned([.truncated])),
    ("windows.wmv", pattern + ["-c:v", "wmv2"], .warned([.truncated])),
    ("theora.ogv", pattern + ["-c:v", "libtheora"], .warned([.truncated])),
    ("broadcast.mxf", pattern + ["-c:v", "mpeg2video"], .warned([.truncated])),
  ]
}

private let pattern = HostileWorkshop.pattern
private let x264 = HostileWorkshop.x264
