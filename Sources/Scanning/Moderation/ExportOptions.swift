package import Verdicts

/// Who gets the flagged videos of a manifest, and how.
package struct ExportOptions: Sendable {
  package enum Destination: Sendable {
    /// POST requests to this address, signed when there is a secret.
    case webhook(url: String, secret: String?)
    /// A command of the shell for each video.
    case command(String)
  }

  package var destination: Destination
  /// By which the outbox knows the receiver; nil takes the address or the command.
  package var receiver: String?
  package var format = ModerationFormat.webhook
  /// Verdicts that are handed over.
  package var verdicts: [Verdict] = [.fake, .undecided]
  /// Videos in one POST.
  package var batch = 100
  /// Attempts at one message, and seconds before the second one; each later wait is twice as long.
  package var attempts = 6
  package var firstWaitSeconds = 1.0
  /// For one attempt.
  package var timeoutSeconds = 30.0

  package init(_ destination: Destination) {
    self.destination = destination
  }
}

/// What came of handing videos over.
package struct ExportSummary: Sendable {
  /// Videos that were accepted, and that wait for the next time because the receiver could not be reached or did not
  /// want them.
  package internal(set) var delivered = 0
  package internal(set) var waiting = 0
  var refused = 0
  /// The last thing that went wrong.
  var trouble: String?

  package var line: String {
    var line = "\(delivered) flagged videos handed over"
    if waiting > 0 { line += ", \(waiting) wait for the next time" }
    if let trouble { line += " (\(trouble))" }
    return line
  }

  /// 0 when all was accepted, 2 when something was refused, 75 when trying again later may help.
  package var exitCode: Int32 { refused > 0 ? 2 : waiting > 0 ? 75 : 0 }
}
