import Files
import Testing

@Suite("Tables")
struct TableTests {
  private struct Row: Sendable {
    var name: String
    var frames: Int?
    var score: Double?
  }

  private static let table = Table<Row>([
    .untrusted("name") { $0.name },
    .text("kind") { $0.frames == nil ? "picture" : "video, moving" },
    .count("frames") { $0.frames },
    .number("score") { $0.score },
  ])

  private static let rows = [
    Row(name: "=a.mp4", frames: 12, score: 0.25), Row(name: "b \"c\".png", frames: nil, score: nil),
  ]

  @Test("CSV has a heading and a line for each row, quoted and protected as cells need it")
  func csv() {
    #expect(
      String(decoding: Self.table.csv(Self.rows), as: UTF8.self)
        == "name,kind,frames,score\r\n'=a.mp4,\"video, moving\",12,0.250000\r\n\"b \"\"c\"\".png\",picture,,\r\n")
    #expect(String(decoding: Self.table.csv([]), as: UTF8.self) == "name,kind,frames,score\r\n")
  }

  @Test("text cells are plain, in the order of the heading")
  func text() {
    #expect(Self.table.heading == ["name", "kind", "frames", "score"])
    #expect(
      Self.table.cells(of: Self.rows) == [
        ["=a.mp4", "video, moving", "12", "0.250000"], ["b \"c\".png", "picture", "", ""],
      ])
  }
}
