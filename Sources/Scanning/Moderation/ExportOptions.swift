package import Runs
package import Verdicts

/// Receiver of the flagged videos of a manifest, and delivery settings.
package struct ExportOptions: Sendable {
  package enum Destination: Sendable {
    /// POST requests to this URL, signed if there is a secret.
    case webhook(url: String, secret: String?)
    /// A shell command, run once per video.
    case command(String)
  }

  package var destination: Destination
  /// Name of the receiver in the outbox; nil for the URL or the command.
  package var receiver: String?
  package var format = ModerationFormat.webhook
  /// Verdicts that are handed over.
  package var verdicts: [Verdict] = [.fake, .undecided]
  /// Videos per POST.
  package var batch = 100
  /// Maximum attempts per message, and delay before the second one in seconds; the delay doubles each time.
  package var attempts = 6
  package var firstWaitSeconds = 1.0
  /// Time limit per attempt.
  package var timeoutSeconds = 30.0
  /// Folders that were moved since the scan.
  package var moves = MovedRoots()

  package init(_ destination: Destination) {
    self.destination = destination
  }
}

/// Result of an export.
package struct ExportSummary: Sendable {
  /// Videos accepted, and videos that remain for the next export because the receiver was unreachable or did not accept
  /// them.
  package internal(set) var delivered = 0
  package internal(set) var waiting = 0
  var refused = 0
  /// The last error.
  var trouble: String?

  package var line: String {
    var line = "\(counted(delivered, "flagged videos")) handed over"
    if waiting > 0 { line += ", \(waiting) wait for the next time" }
    if let trouble { line += " (\(trouble))" }
    return line
  }

  /// 0 if everything was accepted, 2 if something was refused, 75 if a later retry may help.
  package var exitCode: Int32 { refused > 0 ? 2 : waiting > 0 ? 75 : 0 }
}
