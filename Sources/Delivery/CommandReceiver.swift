import Glibc

/// A receiver that runs a shell command once per message: the message is its standard input, and exit code 0 means
/// that it was accepted.
///
/// No part of a message, such as a file name, becomes part of the command line.
public struct CommandReceiver: Sendable {
  private let command: String
  private let timeoutSeconds: Double

  /// - Parameters:
  ///   - command: command for `/bin/sh -c`.
  ///   - timeoutSeconds: time after which the command and its children are killed.
  public init(command: String, timeoutSeconds: Double) {
    self.command = command
    self.timeoutSeconds = timeoutSeconds
  }

  /// Runs the command and waits for its exit. Its output goes to standard error.
  ///
  /// - Parameter variables: added to its environment, `NAME=value` as bytes.
  public func deliver(_ body: [UInt8], variables: [[UInt8]]) -> DeliveryOutcome {
    guard let input = Self.file(holding: body) else {
      return .unfinished(why: "no temporary file: \(String(cString: strerror(errno)))", afterSeconds: nil)
    }
    defer { close(input) }
    var child: pid_t = 0
    let code = spawn(&child, input: input, variables: variables)
    guard code == 0 else {
      return .unfinished(why: "the shell cannot be started: \(String(cString: strerror(code)))", afterSeconds: nil)
    }
    guard let status = wait(for: child) else {
      return .unfinished(why: "the command took more than \(Int(timeoutSeconds)) s", afterSeconds: nil)
    }
    // As in sys/wait.h: the low 7 bits are the signal, the next byte is the exit code.
    let (signal, exit) = (status & 0x7F, (status >> 8) & 0xFF)
    if signal != 0 { return .unfinished(why: "the command was ended by signal \(signal)", afterSeconds: nil) }
    // As in POSIX, "Exit Status for Commands".
    if exit == 127 { return .absent(why: "the command was not found (exit code 127): check its name and the PATH") }
    if exit == 126 { return .absent(why: "the command cannot be run (exit code 126): check its permissions") }
    return exit == 0 ? .accepted : .unfinished(why: "the command exited with \(exit)", afterSeconds: nil)
  }

  /// - Returns: nil if it timed out and was killed.
  private func wait(for child: pid_t) -> CInt? {
    let deadline = SuspendingClock.now + .seconds(timeoutSeconds)
    var status: CInt = 0
    var pauseMicroseconds: UInt32 = 1000
    while waitpid(child, &status, WNOHANG) == 0 {
      guard SuspendingClock.now < deadline else {
        kill(-child, SIGKILL)
        waitpid(child, &status, 0)
        return nil
      }
      usleep(pauseMicroseconds)
      pauseMicroseconds = min(2 * pauseMicroseconds, 50_000)
    }
    return status
  }

  private func spawn(_ child: inout pid_t, input: CInt, variables: [[UInt8]]) -> CInt {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
    // A separate process group, so that its children are killed with it; and default handling of ignored signals.
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGPIPE] { sigaddset(&signals, signal) }
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    // The command must not inherit the thread's signal mask.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    let arguments = ["/bin/sh", "-c", command].map { Array($0.utf8) }
    return Self.withCStrings(arguments) { arguments in
      Self.withCStrings(Self.environment + variables) { environment in
        posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, environment)
      }
    }
  }

  private static var environment: [[UInt8]] {
    var entries: [[UInt8]] = []
    var entry = environ
    while let text = entry.pointee {
      entries.append(Array(UnsafeRawBufferPointer(start: text, count: strlen(text))))
      entry += 1
    }
    return entries
  }

  /// The strings as a nil-terminated list of C strings.
  private static func withCStrings<Result>(
    _ strings: [[UInt8]], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers =
      strings.map { string in
        (string + [0]).withUnsafeBufferPointer { buffer in
          buffer.withMemoryRebound(to: CChar.self) { text in text.baseAddress.flatMap { strdup($0) } }
        }
      } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return body(&pointers)
  }

  /// - Returns: a descriptor at the start of an unnamed file, close-on-exec; nil if there is no space.
  private static func file(holding bytes: [UInt8]) -> CInt? {
    var template = Array("/tmp/assay-hook-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { return nil }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    unlink(template)
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
      }
      guard count > 0 || errno == EINTR else {
        close(descriptor)
        return nil
      }
      written += max(count, 0)
    }
    lseek(descriptor, 0, SEEK_SET)
    return descriptor
  }
}
