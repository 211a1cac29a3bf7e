import Delivery
import TestSupport
import Testing

@Suite("A command as receiver", .hangLimit())
struct CommandReceiverTests {
  private let folder = ScratchFolder()

  private func deliver(_ command: String, _ body: String = "", seconds: Double = 3600) -> DeliveryOutcome {
    CommandReceiver(command: command, timeoutSeconds: seconds).deliver(
      Array(body.utf8), variables: [Array("ODD=a\n".utf8) + [0xFF]])
  }

  @Test("gets the message on its input and bytes in its environment")
  func message() throws {
    // More than a pipe holds, and the command reads none of it.
    #expect(deliver("true", String(repeating: "x", count: 300_000)) == .accepted)
    #expect(
      deliver("cat > '\(folder.path("body"))'; printenv ODD | od -An -tx1 > '\(folder.path("odd"))'", "row")
        == .accepted)
    #expect(try folder.text("body") == "row")
    #expect(try folder.text("odd") == " 61 0a ff 0a\n")
  }

  @Test("an exit code, a signal and a command that takes too long leave the message undelivered")
  func failures() {
    #expect(deliver("exit 3") == .unfinished(why: "the command exited with 3", afterSeconds: nil))
    #expect(deliver("kill -9 $$") == .unfinished(why: "the command was ended by signal 9", afterSeconds: nil))
    let absent = deliver("no-such-command-here 2>&-")
    #expect(absent == .absent(why: "the command was not found (exit code 127): check its name and the PATH"))
    #expect(
      deliver("sleep infinity & sleep infinity", seconds: 0.3)
        == .unfinished(why: "the command took more than 0 s", afterSeconds: nil))
  }
}
