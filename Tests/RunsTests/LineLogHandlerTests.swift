import Foundation
import Logging
import Synchronization
import Testing

@testable import Decoder
@testable import Runs

@Suite("Log lines")
struct LineLogHandlerTests {
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  private func lines(_ format: LogFormat, priorities: Bool = false, _ body: (Logger) -> Void) -> [String] {
    let lines = Lines()
    body(
      Logger(label: "test") { _ in
        LineLogHandler(
          format: format, hasPriorities: priorities, write: { line in lines.all.withLock { $0.append(line) } })
      })
    return lines.all.withLock { $0 }
  }

  @Test("text: level, message and values in order of their names, one line whatever a file is called")
  func text() {
    let written = lines(.text) { log in
      log.notice("flagged", metadata: ["path": "/a b/\"c\".mp4", "verdict": "fake"])
      log.warning("no verdict", metadata: ["path": "a\nlevel=info\u{1B}[31m.mp4"])
      log.debug("not told")
    }
    #expect(
      written == [
        "notice: flagged path=\"/a b/\\\"c\\\".mp4\" verdict=fake\n",
        "warning: no verdict path=\"a?level=info?[31m.mp4\"\n",
      ])
  }

  @Test("for the journal each line begins with its priority")
  func priorities() {
    let written = lines(.text, priorities: true) { log in
      log.error("scan failed")
      log.info("scan started")
    }
    #expect(written == ["<3>error: scan failed\n", "<6>info: scan started\n"])
  }

  @Test("json: an object a line, with its time")
  func json() throws {
    let written = lines(.json) { $0.warning("no verdict", metadata: ["path": "a\n\"b\"", "reason": "crashed"]) }
    let line = try #require(written.first)
    #expect(written.count == 1 && line.hasSuffix("}\n") && line.dropLast().contains("\n") == false)
    let object = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
    #expect(object["path"] == "a\n\"b\"" && object["level"] == "warning" && object["message"] == "no verdict")
    #expect(object["time"]?.hasSuffix("Z") == true)
  }
}
