/// An instant, formatted as RFC 3339 in UTC with nanoseconds: `2024-02-29T12:00:00.000000000Z`.
public struct Timestamp: Sendable, Hashable, Comparable {
  public let nanosecondsSinceEpoch: Int64

  public init(nanosecondsSinceEpoch: Int64) {
    self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
  }

  public static func < (first: Timestamp, second: Timestamp) -> Bool {
    first.nanosecondsSinceEpoch < second.nanosecondsSinceEpoch
  }

  private static let nanosecondsPerDay: Int64 = 86_400_000_000_000
}

extension Timestamp: CustomStringConvertible {
  public var description: String {
    let (day, inDay) = Self.floorDivide(nanosecondsSinceEpoch, Self.nanosecondsPerDay)
    let seconds = inDay / 1_000_000_000
    let (year, month, dayOfMonth) = Self.civil(daysSinceEpoch: day)
    let date = "\(Self.digits(year, 4))-\(Self.digits(month, 2))-\(Self.digits(dayOfMonth, 2))"
    let time =
      "\(Self.digits(seconds / 3600, 2)):\(Self.digits(seconds / 60 % 60, 2)):\(Self.digits(seconds % 60, 2))"
    return "\(date)T\(time).\(Self.digits(inDay % 1_000_000_000, 9))Z"
  }

  /// Parses the format of `description`.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    let template = Array("dddd-dd-ddTdd:dd:dd.dddddddddZ".utf8)
    guard bytes.count == template.count else { return nil }
    for (byte, expected) in zip(bytes, template) {
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      guard expected == UInt8(ascii: "d") ? isDigit : byte == expected else { return nil }
    }
    func number(_ range: Range<Int>) -> Int64 {
      bytes[range].reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }
    let days = Self.daysSinceEpoch(year: number(0..<4), month: number(5..<7), day: number(8..<10))
    let seconds = (days * 24 + number(11..<13)) * 3600 + number(14..<16) * 60 + number(17..<19)
    let (whole, isTooGreat) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, isTooMuch) = whole.addingReportingOverflow(number(20..<29))
    guard !isTooGreat, !isTooMuch else { return nil }
    self.init(nanosecondsSinceEpoch: sum)
  }

  /// `civil_from_days` of H. Hinnant, "chrono-compatible low-level date algorithms", with eras of 400 years.
  private static func civil(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = daysSinceEpoch + 719_468
    let (era, dayOfEra) = floorDivide(shifted, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  /// The inverse: `days_from_civil`.
  private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
    let (era, yearOfEra) = floorDivide(month <= 2 ? year - 1 : year, 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// Floor division: the remainder is not negative.
  private static func floorDivide(_ number: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  private static func digits(_ number: Int64, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
}

extension Timestamp: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let timestamp = Timestamp(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(text) is no time in UTC")
    }
    self = timestamp
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
