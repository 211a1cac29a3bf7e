import Foundation

/// Runs a program of the system, for checks that it does better than any code of ours could.
public enum ExternalProgram {
  public struct Result: Sendable {
    public let code: Int32
    /// Standard output and standard error together.
    public let output: String
  }

  /// - Parameter arguments: the program, looked up in `PATH`, and its arguments.
  public static func run(_ arguments: [String]) throws -> Result {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Result(code: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
  }

  /// Whether a program is installed and ends with 0: for conditions of tests.
  public static func succeeds(_ arguments: String...) -> Bool {
    (try? run(arguments).code) == 0  // One that does not start does not succeed either.
  }

  /// Whether file systems can be mounted, in a mount namespace of their own.
  public static let canMount = succeeds("unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt")
}
