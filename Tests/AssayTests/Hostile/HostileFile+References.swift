import Foundation
import Glibc
import TestSupport
import Verdicts

extension HostileFile {
  /// Files that would have other files opened, or the network.
  static let references: [HostileFile] = [
    HostileFile("hls-local.mp4", .failed([.refused])) { workshop in
      "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n\(workshop.secret)\n#EXT-X-ENDLIST\n"
    },
    HostileFile("hls-network.ts", .failed([.refused])) { workshop in
      "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nhttp://127.0.0.1:\(workshop.port)/a.ts\n#EXT-X-ENDLIST\n"
    },
    HostileFile("hls-itself.mkv", .failed([.refused])) { _ in
      "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhls-itself.mkv\n"
    },
    HostileFile("hls-key.mp4", .failed([.refused])) { workshop in
      """
      #EXTM3U
      #EXT-X-TARGETDURATION:4
      #EXT-X-KEY:METHOD=AES-128,URI="http://127.0.0.1:\(workshop.port)/key"
      #EXTINF:4,
      concat:\(workshop.secret)|\(workshop.secret)
      """
    },
    HostileFile("concat-local.mp4", .failed([.refused])) { workshop in
      "ffconcat version 1.0\nfile '\(workshop.secret)'\n"
    },
    HostileFile("concat-network.avi", .failed([.refused])) { workshop in
      "ffconcat version 1.0\nfile http://127.0.0.1:\(workshop.port)/a.avi\nfile concat-network.avi\n"
    },
    HostileFile("dash.mp4", .failed([.refused, .notVideo])) { workshop in
      """
      <?xml version="1.0"?>
      <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" type="static">
      <Period><AdaptationSet><Representation id="1"><BaseURL>http://127.0.0.1:\(workshop.port)/a.mp4</BaseURL>
      </Representation></AdaptationSet></Period></MPD>
      """
    },
    HostileFile("session.mp4", .failed([.refused, .notVideo])) { workshop in
      "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video \(workshop.port) RTP/AVP 96\n"
        + "a=rtpmap:96 H264/90000\n"
    },
    HostileFile("vector.mp4", .failed([.notVideo])) { workshop in
      """
      <?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file://\(workshop.secret)">]>
      <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64">
      <image xlink:href="file://\(workshop.secret)" width="64" height="64"/>
      <image xlink:href="http://127.0.0.1:\(workshop.port)/a.png" width="64" height="64"/><text>&x;</text></svg>
      """
    },
    HostileFile("window.wmv", .failed([.notVideo])) { workshop in
      "<asx version=\"3.0\"><entry><ref href=\"http://127.0.0.1:\(workshop.port)/a.wmv\"/></entry></asx>"
    },
    HostileFile("address.rm", .failed([.notVideo, .refused])) { workshop in
      "http://127.0.0.1:\(workshop.port)/a.rm\nrtsp://127.0.0.1:\(workshop.port)/a.rm\n"
    },
  ]

  /// Names that lead to no regular file, and files that are larger than any disk.
  static let oddities: [HostileFile] = [
    HostileFile("fifo.mp4", .failed([.refused])) { _, path in try check(mkfifo(path, 0o600)) },
    HostileFile("socket.mp4", .failed([.refused])) { _, path in
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8) + [0]) }
      let end = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(end) }
      try check(
        withUnsafeBytes(of: &address) {
          bind(end, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
        })
    },
    HostileFile("giant.mp4", .failed([.limit])) { _, path in
      try Bytes([]).write(to: path)
      try check(truncate(path, 1 << 42))
    },
    HostileFile("giant-behind-a-video.mp4", .failed([.limit])) { workshop, path in
      try workshop.movie(indexInFront: true).write(to: path)
      try check(truncate(path, 1 << 42))
    },
  ]

  /// Devices, which only root can make: nil where this is not root's.
  static var device: HostileFile? {
    let probe = ScratchFolder().path("device")
    guard mknod(probe, S_IFCHR | 0o600, 0x0105) == 0 else { return nil }
    unlink(probe)
    // /dev/zero, which has no end.
    return HostileFile("device.mp4", .failed([.refused])) { _, path in
      try check(mknod(path, S_IFCHR | 0o600, 0x0105))
    }
  }

  /// Names, without their folder, of hard links to a good clip.
  static let names: [[UInt8]] = texts.map { Array($0.utf8) } + notUnicode

  private static let texts: [String] = [
    "-i.mp4", "--output=x.mp4", "=1+1.mp4", "@SUM(A1).mp4", "+cmd|' -C calc'!A0.mp4", "new\nline.mp4", "re\rturn.mp4",
    "ta\tb.mp4", "\"quoted\".mp4", "it's.mp4", "com,ma;semi.mp4", "pipe:0.mp4", "file:x.mp4", "http:localhost.mp4",
    "concat:a|b.mp4", "C:colon.mp4", "%03d.mp4", "%s%n%00.mp4", "%E4%FF.mp4", "$(touch x) `id`.mp4", "back\\slash.mp4",
    "\u{1B}[31mred\u{7}.mp4", "\u{1}\u{7F}.mp4", "\u{202E}4pm.mp4", "é and e\u{301}.mp4", "\u{1F600}.mp4",
    " space .mp4",
    "*?[a].mp4", "'=quoted.mp4", String(repeating: "n", count: 251) + ".mp4",
  ]

  private static let notUnicode: [[UInt8]] = [
    [0xFF, 0xFE, 0x2E, 0x6D, 0x70, 0x34],
    [0x61, 0xC0, 0xAF, 0x2E, 0x6D, 0x70, 0x34],
    [0x3D, 0xE2, 0x82, 0x0A, 0x2E, 0x6D, 0x70, 0x34],
    [0x80, 0x25, 0x46, 0x46, 0x2E, 0x6D, 0x70, 0x34],
  ]

  private static func check(_ result: Int32) throws {
    if result != 0 { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
  }
}
