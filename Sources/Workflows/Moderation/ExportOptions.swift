/// Who gets the flagged videos of a manifest, and how.
public struct ExportOptions: Sendable {
  public enum Destination: Sendable {
    /// POST requests to this address, signed when there is a secret.
    case webhook(url: String, secret: String?)
    /// A command of the shell for each video.
    case command(String)
  }

  public var destination: Destination
  /// By which the outbox knows the receiver; nil takes the address or the command.
  public var receiver: String?
  public var format = ModerationFormat.webhook
  /// Names of the verdicts that are handed over.
  public var verdicts = ["fake", "undecided"]
  /// Videos in one POST.
  public var batch = 100
  /// Attempts at one message, and seconds before the second one; each later wait is twice as long.
  public var attempts = 6
  public var firstWaitSeconds = 1.0
  /// For one attempt.
  public var timeoutSeconds = 30.0

  public init(_ destination: Destination) {
    self.destination = destination
  }
}

/// What came of handing videos over.
public struct ExportSummary: Sendable {
  /// Videos that were accepted, and that wait for the next time because the receiver could not be reached or did not
  /// want them.
  public internal(set) var delivered = 0
  public internal(set) var waiting = 0
  var refused = 0
  /// The last thing that went wrong.
  var trouble: String?

  public var line: String {
    var line = "\(delivered) flagged videos handed over"
    if waiting > 0 { line += ", \(waiting) wait for the next time" }
    if let trouble { line += " (\(trouble))" }
    return line
  }

  /// 0 when all was accepted, 2 when something was refused, 75 when trying again later may help.
  public var exitCode: Int32 { refused > 0 ? 2 : waiting > 0 ? 75 : 0 }
}
