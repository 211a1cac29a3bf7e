/// How little it takes to turn a video's verdict.
public struct MarginRecord: Sendable, Hashable, Codable {
  /// The smallest change of 8-bit pixel levels by which an attack turned it; nil when none up to `upTo` did.
  @ExplicitNull public private(set) var levels: Int?
  public let upTo: Int

  /// - Precondition: `levels` lies in 1...`upTo`.
  public init(levels: Int?, upTo: Int) {
    precondition(levels.map { (1...upTo).contains($0) } ?? true, "a margin of \(levels ?? 0) up to \(upTo)")
    self.levels = levels
    self.upTo = upTo
  }

  /// For the note in a table.
  var text: String {
    levels.map { "turned by \($0)/255" } ?? "not turned by \(upTo)/255"
  }
}
