import Foundation
import TestSupport

/// A receiver of webhooks on loopback that misbehaves as it is told; ends when released.
final class LoopbackReceiver {
  /// What it says of one request.
  struct Request: Decodable, Equatable {
    let key: String
    let sameKey: Bool
    let body: String
    let ids: [String]
    let signed: Bool
    let taken: Bool
  }

  let folder = ScratchFolder()
  let url: String
  private let process: pid_t

  private static let tool = URL(filePath: #filePath).appending(path: "../tooling/receiver.py").standardized.path

  /// - Parameter certificate: paths of certificate and key, for TLS.
  init(_ mode: String, certificate: (String, String)? = nil) throws {
    try folder.write(mode, to: "mode")
    // Started by a shell that ends at once, and not by `Process`, whose ends of pipes it would keep open.
    let words = ["python3", Self.tool, folder.path] + (certificate.map { [$0.0, $0.1] } ?? [])
    let started = try ExternalProgram.run(["sh", "-c", #""$@" >/dev/null 2>&1 & echo $!"#, "sh"] + words)
    process = pid_t(started.output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    let port = folder.path("port")
    while !FileManager.default.fileExists(atPath: port), kill(process, 0) == 0 { usleep(20_000) }
    url = "\(certificate == nil ? "http" : "https")://127.0.0.1:\(try folder.text("port"))/videos"
  }

  deinit {
    if process > 0 { kill(process, SIGKILL) }
  }

  func become(_ mode: String) throws { try folder.write(mode, to: "mode") }

  /// All requests so far.
  func requests() throws -> [Request] {
    guard FileManager.default.fileExists(atPath: folder.path("log")) else { return [] }
    return try folder.text("log").split(separator: "\n").map {
      try JSONDecoder().decode(Request.self, from: Data($0.utf8))
    }
  }
}
