import Testing
import Verdicts

@Suite("Timestamp")
struct TimestampTests {
  @Test(
    "is formatted as RFC 3339 in UTC and parsed",
    arguments: [
      (Int64(0), "1970-01-01T00:00:00.000000000Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
      (1_700_000_000_123_456_789, "2023-11-14T22:13:20.123456789Z"),
      (4_107_542_399_999_999_999, "2100-02-28T23:59:59.999999999Z"),
      (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
      (-1, "1969-12-31T23:59:59.999999999Z"),
      (.max, "2262-04-11T23:47:16.854775807Z"),
      (.min, "1677-09-21T00:12:43.145224192Z"),
    ])
  func roundTrip(_ nanoseconds: Int64, _ text: String) {
    let timestamp = Timestamp(nanosecondsSinceEpoch: nanoseconds)
    #expect(timestamp.description == text)
    // The parser adds the fraction last, so the very least value is out of its reach.
    if nanoseconds != .min { #expect(Timestamp(text) == timestamp) }
  }

  @Test(
    "rejects other texts",
    arguments: [
      "", "2023-11-14", "2023-11-14T22:13:20Z", "2023-11-14 22:13:20.123456789Z", "9999-01-01T00:00:00.000000000Z",
    ]
  )
  func rejects(_ text: String) {
    #expect(Timestamp(text) == nil)
  }
}
