import Glibc
import Synchronization

/// Short clips made with the `ffmpeg` program, each once per process, in a folder that goes with the process.
public enum TestClips {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// Made by name, so that tests that run at the same time share them.
  private static let made = Mutex<[String: (path: String, arguments: [String])]>([:])

  private static let folder: String = {
    var template = Array("/tmp/assay-clips-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil, "no folder can be made in /tmp")
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    atexit { TestClips.removeFolder() }
    return path
  }()

  /// The path of a clip.
  ///
  /// - Parameters:
  ///   - name: of the file; its extension chooses the container.
  ///   - arguments: of `ffmpeg`, between the program and the name of the output; `CLIP/x` in them is the path of the
  ///     clip `x`, which must have been made.
  public static func make(_ name: String, _ arguments: [String]) throws -> String {
    try made.withLock { made in
      if let known = made[name] {
        guard known.arguments == arguments else {
          throw Failure(description: "two different clips are called \(name): give each a name of its own")
        }
        return known.path
      }
      let path = "\(folder)/\(name)"
      let resolved = arguments.map { $0.replacing("CLIP/", with: "\(folder)/") }
      let result = try ExternalProgram.run(["ffmpeg", "-v", "error", "-y", "-threads", "1"] + resolved + [path])
      guard result.code == 0 else { throw Failure(description: "ffmpeg did not make \(name): \(result.output)") }
      made[name] = (path, arguments)
      return path
    }
  }

  /// The path of a clip that was made before.
  public static func path(of name: String) throws -> String {
    guard let known = made.withLock({ $0[name] }) else { throw Failure(description: "no clip \(name) was made") }
    return known.path
  }

  /// A file with the given content.
  public static func write(_ bytes: [UInt8], to name: String) throws -> String {
    let path = "\(folder)/\(name)"
    guard let file = fopen(path, "w") else { throw Failure(description: "\(path) cannot be written") }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
      throw Failure(description: "\(path) cannot be written")
    }
    return path
  }

  private static func removeFolder() {
    // Clips that stay behind in /tmp harm nobody.
    _ = try? ExternalProgram.run(["rm", "-rf", folder])
  }
}
