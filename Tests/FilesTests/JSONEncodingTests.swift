import Files
import FoundationEssentials
import Testing

@Suite("JSON encoding")
struct JSONEncodingTests {
  private struct Value: Encodable {
    var path = "a/b"
    var score = 0.5
    var counts = [1, 2]
  }

  @Test("a line has sorted keys, plain slashes and one line feed")
  func line() throws {
    let line = try JSONEncoder.line(Value())
    #expect(String(decoding: line, as: UTF8.self) == #"{"counts":[1,2],"path":"a/b","score":0.5}"# + "\n")
  }

  @Test("readable JSON is indented, and non-finite numbers are strings")
  func readable() throws {
    #expect(
      try readableJSON(Value(score: -.infinity))
        == """
        {
          "counts" : [
            1,
            2
          ],
          "path" : "a/b",
          "score" : "-infinity"
        }
        """)
  }

  @Test("a number that JSON cannot represent is an error in a line")
  func notFinite() {
    #expect(throws: EncodingError.self) { try JSONEncoder.line(Value(score: .nan)) }
  }
}
