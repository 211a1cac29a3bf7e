import Files
import Testing

@Suite("CSV rows")
struct CSVRowTests {
  private func line(_ build: (inout CSVRow) -> Void) -> String {
    var row = CSVRow()
    build(&row)
    return String(decoding: row.bytes, as: UTF8.self)
  }

  @Test("cells are quoted exactly where RFC 4180 requires it")
  func quoting() {
    let text = line { row in
      for cell in ["plain", "a,b", "say \"hi\"", "two\nlines", "", "cr\r\nlf", " blank "] { row.add(exact: cell) }
    }
    #expect(text == "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",,\"cr\r\nlf\", blank \r\n")
  }

  @Test(
    "text that a spreadsheet would interpret as a formula gets an apostrophe",
    arguments: [
      ("=1+1", "'=1+1"), ("+1", "'+1"), ("-rf", "'-rf"), ("@SUM(A1)", "'@SUM(A1)"), ("\tx", "'\tx"),
      ("\rx", "\"'\rx\""), ("\nx", "\"'\nx\""), ("\r\nx", "\"'\r\nx\""), ("'x", "''x"), ("=\u{301}x", "'=\u{301}x"),
      ("a=1", "a=1"), ("=a,b", "\"'=a,b\""),
    ])
  func formulas(_ text: String, _ cell: String) {
    #expect(Array(line { $0.add(untrusted: text) }.utf8) == Array((cell + "\r\n").utf8))
  }

  @Test(
    "numbers have six decimals, missing ones are empty",
    arguments: [
      (0.5, "0.500000"), (1, "1.000000"), (0.000_001, "0.000001"), (-1.25, "-1.250000"), (-0.000_000_1, "0.000000"),
      (nil, ""), (1e300, "1e+300"), (-9.3e12, "-9300000000000.0"),
    ] as [(Double?, String)])
  func numbers(_ number: Double?, _ cell: String) {
    #expect(line { $0.add(number) } == cell + "\r\n")
  }
}
