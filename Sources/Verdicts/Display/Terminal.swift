/// Sanitises untrusted text for a terminal.
public enum Terminal {
  /// Replaces control and formatting characters, which could move the cursor, change colours or reverse the reading
  /// direction.
  public static func harmless(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
        scalars.append("?")
      default: scalars.append(scalar)
      }
    }
    return String(scalars)
  }

  /// Shortens a path in the middle, because its beginning and file name are most informative.
  static func elided(_ path: String, _ width: Int) -> String {
    guard path.count > width else { return path }
    let tail = (width - 1) * 2 / 3
    return path.prefix(width - 1 - tail) + "…" + path.suffix(tail)
  }

  /// Shortens a text at its end.
  static func cut(_ text: String, _ width: Int) -> String {
    text.count > width ? text.prefix(width - 1) + "…" : text
  }

  static func padded(_ text: String, _ width: Int, toTheLeft: Bool = false) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.count))
    return toTheLeft ? blanks + text : text + blanks
  }

  static func withoutTrailingBlanks(_ text: String) -> String {
    String(text.reversed().drop { $0 == " " }.reversed())
  }
}
