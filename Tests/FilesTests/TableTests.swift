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

  @Test("CSV has a heading and one line per row, quoted and escaped")
  func csv() {
    #expect(
      String(decoding: Self.table.csv(Self.rows), as: UTF8.self)
        == "name,kind,frames,score\r\n'=a.mp4,\"video, moving\",12,0.250000\r\n\"b \"\"c\"\".png\",picture,,\r\n")
    #expect(String(decoding: Self.table.csv([]), as: UTF8.self) == "name,kind,frames,score\r\n")
  }

  @Test("a column has its own heading and text for people, or is for files or for people alone")
  func uses() {
    let table = Table<Row>([
      .text("name") { $0.name }.fileOnly,
      .number("score") { $0.score }.shown(as: "SCORE") { $0.score.map { "\($0 * 100) %" } ?? "-" },
      .count("frames") { $0.frames }.shown(as: "FRAMES"),
      .display("KIND") { $0.frames == nil ? "picture" : "video" },
    ])
    #expect(table.heading == ["SCORE", "FRAMES", "KIND"])
    #expect(table.cells(of: Self.rows) == [["25.0 %", "12", "video"], ["-", "", "picture"]])
    #expect(
      String(decoding: table.csv(Self.rows), as: UTF8.self)
        == "name,score,frames\r\n=a.mp4,0.250000,12\r\n\"b \"\"c\"\".png\",,\r\n")
  }

  @Test("text cells are unescaped, in the order of the heading")
  func text() {
    #expect(Self.table.heading == ["name", "kind", "frames", "score"])
    #expect(
      Self.table.cells(of: Self.rows) == [
        ["=a.mp4", "video, moving", "12", "0.250000"], ["b \"c\".png", "picture", "", ""],
      ])
  }
}
