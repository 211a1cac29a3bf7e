import ArgumentParser
import Files
import Foundation
import Runs
import Scanning
import Verdicts

/// `assay export`: flagged videos to moderation.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Export the flagged videos of a manifest to moderation.",
    discussion: """
      With --url they are sent by POST in batches, with --hook a command runs for each; otherwise they are printed. An \
      outbox in the ledger keeps messages that a receiver has not accepted: the next run sends these and new ones only. \
      A message is repeated with the same key (webhook-id, Idempotency-Key, $ASSAY_KEY) and content until it is \
      accepted. Requests are signed according to Standard Webhooks, with the secret of --secret-file or \
      $ASSAY_WEBHOOK_SECRET.

      Example: assay export /srv/verdicts --format csv

      Exit codes: 0 everything was accepted, 2 the run failed or a message was rejected, 64 usage error, 75 the receiver \
      is unreachable or another run uses the ledger: run again later.
      """)

  @Argument(help: "Output folder of a scan or merge.")
  var folder: String

  @Option(help: "POST batches to this address.")
  var url: String?

  @Option(
    help: ArgumentHelp(
      "Run this shell command for each video: its row on stdin, $ASSAY_PATH, $ASSAY_VERDICT, $ASSAY_SCORE, "
        + "$ASSAY_SHA256 and $ASSAY_KEY set; exit code 0 accepts.", valueName: "command"))
  var hook: String?

  @Option(help: "Format: webhook (complete rows), labels (labels and confidences) or csv (for review).")
  var format: ModerationFormat = .webhook

  @Option(
    help: "A verdict to export: fake, undecided, real, no_face or failed. Without it: fake and undecided.")
  var verdict: [Verdict] = []

  @Option(help: ArgumentHelp("File with the secret that signs requests.", valueName: "file"))
  var secretFile: String?

  @Option(help: "Videos per request.")
  var batch = 100

  @Option(help: "Attempts per request or command.")
  var attempts = 6

  @Option(help: "Seconds before the second attempt; each further wait doubles, up to a minute.")
  var wait = 1.0

  @Option(help: "Time limit of one attempt, in seconds.")
  var timeout = 30.0

  @Option(
    help: ArgumentHelp(
      "The receiver's name in the outbox, so that its address or command may change (default: the address or command).",
      valueName: "name"))
  var receiver: String?

  @Option(help: ArgumentHelp("Ledger of all runs, instead of assay.sqlite in the folder.", valueName: "file"))
  var ledger: String?

  @OptionGroup
  var moved: MovedArguments

  @Flag(name: [.short, .long], help: "No summary; errors only.")
  var quiet = false

  @OptionGroup
  var file: PipelineArguments

  func validate() throws {
    guard url == nil || hook == nil else { throw ValidationError("give either --url or --hook.") }
    guard hook == nil || format == .webhook else {
      throw ValidationError("--hook receives complete rows: omit --format.")
    }
    guard secretFile == nil || url != nil else {
      throw ValidationError("--secret-file needs --url.")
    }
    if let url { _ = try Self.host(of: url) }
    try require(batch, in: 1...10_000, "--batch")
    try require(attempts, in: 1...100, "--attempts")
    try require(wait, in: 0...3600, "--wait")
    try require(timeout, in: 0.1...3600, "--timeout")
  }

  func run() throws {
    try requireInputs([folder])
    let moves = try moved.moves
    guard let destination = try destination() else {
      let chosen = verdict.isEmpty ? ExportOptions(.command("")).verdicts : verdict
      let bytes = try flaggedVideos(in: folder, format: format, verdicts: chosen, moves: moves)
      FileHandle.standardOutput.write(Data(bytes))
      return
    }
    var options = ExportOptions(destination)
    options.receiver = receiver
    options.format = format
    if !verdict.isEmpty { options.verdicts = verdict }
    options.batch = batch
    options.moves = moves
    options.attempts = attempts
    options.firstWaitSeconds = wait
    options.timeoutSeconds = timeout
    let summary = try exportFlagged(in: folder, ledgerPath: ledger, options: options)
    if summary.exitCode != 0 {
      warn(summary.line)
      throw ExitCode(summary.exitCode)
    }
    if !quiet { print(summary.line) }
  }

  /// Nil to print.
  private func destination() throws -> ExportOptions.Destination? {
    if let hook { return .command(hook) }
    guard let url else { return nil }
    let secret = try secretFile.map { file in
      do { return try String(contentsOfFile: file, encoding: .utf8) } catch {
        throw WorkflowError.input(path: file, why: explanation(of: error))
      }
    }
    if !Self.isPrivate(url) {
      warn("\(url) is not encrypted: others on the network can read which videos are flagged. Use https.")
    }
    let found = secret ?? ProcessInfo.processInfo.environment["ASSAY_WEBHOOK_SECRET"]
    if found == nil { warn("requests are not signed: give --secret-file or ASSAY_WEBHOOK_SECRET") }
    return .webhook(url: url, secret: found)
  }

  private func warn(_ text: String) { FileHandle.standardError.write(Data("assay: \(text)\n".utf8)) }

  /// - Throws: `ValidationError` for what is no address of a web server.
  static func host(of url: String) throws -> String {
    guard let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme?.lowercased()),
      let host = parts.host, !host.isEmpty
    else { throw ValidationError("--url must be an address that begins with https:// (or http://), not '\(url)'.") }
    return host
  }

  /// Whether nobody else can read along: encrypted, or within this machine.
  static func isPrivate(_ url: String) -> Bool {
    guard let host = try? host(of: url), !url.lowercased().hasPrefix("https:") else { return true }
    return host == "localhost" || host == "[::1]" || host == "::1"
      || host.wholeMatch(of: /127\.\d{1,3}\.\d{1,3}\.\d{1,3}/) != nil
  }
}
