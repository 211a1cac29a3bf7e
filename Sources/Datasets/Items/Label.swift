/// What an item is known to be; the raw value is the training target.
public enum Label: Int, Sendable, Hashable, Codable, CaseIterable {
  case real = 0
  case fake = 1

  /// Reads what people write in tables: `real`, `fake`, `0`, `1`, in any case, with spaces around.
  public init?(text: String) {
    switch text.trimmed.lowercased() {
    case "real", "0": self = .real
    case "fake", "1": self = .fake
    default: return nil
    }
  }
}

extension Label: CustomStringConvertible {
  public var description: String { self == .real ? "real" : "fake" }
}
