import Files
import Foundation
package import Logging
import Verdicts

/// Format of log lines on stderr.
package enum LogFormat: String, Sendable, CaseIterable {
  /// One object per line, with time, level, message and values.
  case json
  /// `level: message name=value …`, without the time, which the journal adds; there the level becomes the priority.
  case text
}

/// Writes each event as exactly one line to stderr, whatever its values contain.
package struct LineLogHandler: LogHandler {
  let format: LogFormat
  /// Whether lines begin with `<priority>`, which the journal interprets.
  let hasPriorities: Bool
  let write: @Sendable (String) -> Void
  package var logLevel = Logger.Level.info
  package var metadata: Logger.Metadata = [:]

  package init(
    format: LogFormat, hasPriorities: Bool = getenv("JOURNAL_STREAM") != nil,
    write: @escaping @Sendable (String) -> Void = { FileHandle.standardError.write(Data($0.utf8)) }
  ) {
    self.format = format
    self.hasPriorities = hasPriorities
    self.write = write
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let values = metadata.merging(event.metadata ?? [:]) { _, own in own }.mapValues { "\($0)" }
    switch format {
    case .json: write(json(event, values) + "\n")
    case .text: write(text(event, values) + "\n")
    }
  }

  private func json(_ event: LogEvent, _ values: [String: String]) -> String {
    var object = values
    object["time"] = "\(Timestamp.now)"
    object["level"] = event.level.rawValue
    object["message"] = "\(event.message)"
    // Encoding a dictionary of strings cannot fail.
    return (try? JSONEncoder.sorted.text(object)) ?? "{}"
  }

  private func text(_ event: LogEvent, _ values: [String: String]) -> String {
    let parts = values.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.quoted($0.value))" }
    let line = (["\(event.level.rawValue): \(Self.oneLine("\(event.message)"))"] + parts).joined(separator: " ")
    return hasPriorities ? "<\(Self.priority(event.level))>\(line)" : line
  }

  private static func quoted(_ value: String) -> String {
    let isPlain = !value.isEmpty && !value.contains { $0.isWhitespace || $0 == "\"" || $0 == "=" }
    return isPlain ? oneLine(value) : "\"" + oneLine(value.replacing("\"", with: "\\\"")) + "\""
  }

  private static func oneLine(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      scalars.append(scalar.properties.generalCategory == .control ? "?" : scalar)
    }
    return String(scalars)
  }

  /// Priorities as defined in syslog(3).
  private static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}
