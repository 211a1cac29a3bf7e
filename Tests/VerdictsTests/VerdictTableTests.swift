import Testing
import Verdicts

@Suite("Verdict table")
struct VerdictTableTests {
  @Test("columns are aligned")
  func aligned() throws {
    let table = VerdictTable(rows: try Examples.all().prefix(4).map(VerdictTable.Row.init), width: 200)
    #expect(
      table.text == """
        PATH          VERDICT        SCORE  TRACKS  FRAMES  NOTE
        z/fake.mp4    fake           0.982       2   12/16  under fgsm linf 0.030: 0.980 → 0.100, no sign found; flipped by 3/255; flipped by re-encoding: 0.6–0.98
        a/real.mp4    no sign found  0.029       1   12/16
        m/broken.mp4  failed             -       0     0/0  truncated: ends after 0.1 s
        b/wall.mp4    no face            -       0    0/16  3 frames are damaged

        """)
  }

  @Test("long paths lose their middle, and no line is wider than the terminal")
  func elided() {
    let folder = String(repeating: "folder/", count: 30)
    let record = Examples.failed(
      VideoPath("evidence/\(folder)name.mp4"), .crashed, String(repeating: "why ", count: 40))
    let table = VerdictTable(rows: [VerdictTable.Row(record)], width: 80)
    let lines = table.text.split(separator: "\n")
    #expect(lines.count == 2)
    for line in lines { #expect(line.count <= 80) }
    #expect(lines[1].hasPrefix("evid"))
    #expect(lines[1].contains("…"))
    #expect(lines[1].contains("name.mp4"))
  }

  @Test("names cannot contain terminal escapes")
  func harmless() {
    let record = Examples.failed("a\u{1B}[31mb\nc\u{202E}d\u{7}.mp4", .crashed, "bad\u{1B}]0;x\u{7}")
    let text = VerdictTable(rows: [VerdictTable.Row(record)]).text
    #expect(text.contains("a?[31mb?c?d?.mp4"))
    #expect(!text.contains("\u{1B}"))
    #expect(text.split(separator: "\n").count == 2)
  }

  @Test("colours are optional and do not affect alignment")
  func colours() throws {
    let rows = [VerdictTable.Row(try Examples.judged("a", [Examples.track(1, [5, 5])]))]
    let plain = VerdictTable(rows: rows).text
    let coloured = VerdictTable(rows: rows, hasColours: true).text
    #expect(!plain.contains("\u{1B}"))
    #expect(coloured.contains("\u{1B}[31mfake         \u{1B}[0m"))
    #expect(coloured.replacing("\u{1B}[31m", with: "").replacing("\u{1B}[0m", with: "") == plain)
    // Green would promise that the video is authentic.
    let low = [VerdictTable.Row(try Examples.judged("a", [Examples.track(1, [-5, -5])]))]
    #expect(VerdictTable(rows: low, hasColours: true).text == VerdictTable(rows: low).text)
  }

  @Test("scores are not rounded to 1 or across one half")
  func scores() throws {
    let rows = try [0.0002, 8, -0.0002].map { logit in
      VerdictTable.Row(try Examples.judged("a", [Examples.track(1, [logit, logit])]))
    }
    let scores = VerdictTable(rows: rows).text.split(separator: "\n").dropFirst().map { $0.split(separator: " ")[2] }
    #expect(scores == ["0.500", "0.999", "0.499"])
  }

  @Test("without rows there is no table")
  func empty() {
    #expect(VerdictTable(rows: []).text == "")
  }
}
