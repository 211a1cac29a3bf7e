import Foundation

/// Memory of this process.
package enum ProcessMemory {
  /// Anonymous resident memory in bytes; nil if the kernel does not report it.
  package static func anonymousBytes() -> Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("RssAnon:") }),
      let kilobytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) })
    else { return nil }
    return kilobytes * 1024
  }
}
