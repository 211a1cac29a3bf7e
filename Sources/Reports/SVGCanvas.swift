import Foundation

/// Collects the elements of an SVG 1.1 document, in pixels from the top left corner.
struct SVGCanvas {
  enum Anchor: String { case start, middle, end }

  let width: Int
  let height: Int
  private var elements: [String] = []

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, stroke: String, width: Double = 1) {
    elements.append(
      "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" stroke=\"\(stroke)\" "
        + "stroke-width=\"\(number(width))\"/>")
  }

  mutating func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: String, stroke: String? = nil
  ) {
    let edge = stroke.map { " stroke=\"\($0)\"" } ?? ""
    elements.append(
      "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\" "
        + "fill=\"\(fill)\"\(edge)/>")
  }

  /// - Parameter dashes: lengths of dash and gap; empty for a solid line.
  mutating func path(_ points: [(x: Double, y: Double)], stroke: String, width: Double = 2, dashes: [Double] = []) {
    guard points.count > 1 else { return }
    let steps = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    let dash = dashes.isEmpty ? "" : " stroke-dasharray=\"\(dashes.map(number).joined(separator: " "))\""
    elements.append(
      "<polyline points=\"\(steps)\" fill=\"none\" stroke=\"\(stroke)\" stroke-width=\"\(number(width))\" "
        + "stroke-linejoin=\"round\"\(dash)/>")
  }

  mutating func area(_ points: [(x: Double, y: Double)], fill: String, opacity: Double) {
    guard points.count > 2 else { return }
    let steps = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    elements.append("<polygon points=\"\(steps)\" fill=\"\(fill)\" fill-opacity=\"\(number(opacity))\"/>")
  }

  mutating func circle(_ x: Double, _ y: Double, radius: Double, fill: String) {
    elements.append("<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"\(number(radius))\" fill=\"\(fill)\"/>")
  }

  /// - Parameter turned: rotates the text to read from bottom to top.
  mutating func text(
    _ text: String, _ x: Double, _ y: Double, anchor: Anchor = .start, size: Double = 12, bold: Bool = false,
    isRotated: Bool = false
  ) {
    let weight = bold ? " font-weight=\"bold\"" : ""
    let rotation = isRotated ? " transform=\"rotate(-90 \(number(x)) \(number(y)))\"" : ""
    elements.append(
      "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor.rawValue)\" font-size=\"\(number(size))\""
        + "\(weight)\(rotation)>\(escaped(text))</text>")
  }

  /// The document as a file; `title` is for screen readers.
  func document(title: String) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" \
    role="img" font-family="Helvetica, Arial, sans-serif" fill="#222222">
    <title>\(escaped(title))</title>
    <rect width="\(width)" height="\(height)" fill="#ffffff"/>
    \(elements.joined(separator: "\n"))
    </svg>

    """
  }

  /// At most two decimals: a hundredth of a pixel suffices for any printer and keeps files small.
  private func number(_ value: Double) -> String {
    precondition(value.isFinite, "a place in a picture is \(value)")
    let hundredths = Int((value * 100).rounded())
    let whole = hundredths.magnitude / 100
    let rest = hundredths.magnitude % 100
    let sign = hundredths < 0 ? "-" : ""
    guard rest > 0 else { return "\(sign)\(whole)" }
    return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }
}

/// Text without characters that XML and HTML forbid, because file names may contain anything.
func visible(_ text: String) -> String {
  var result = ""
  result.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    let isControl = scalar.value < 0x20 && scalar != "\t" && scalar != "\n" || (0x7F...0x9F).contains(scalar.value)
    result.unicodeScalars.append(isControl || scalar.value & 0xFFFE == 0xFFFE ? "\u{FFFD}" : scalar)
  }
  return result
}

/// Text escaped for SVG, so that none of it becomes markup.
func escaped(_ text: String) -> String {
  var result = ""
  for character in visible(text) {
    switch character {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    default: result.append(character)
    }
  }
  return result
}

func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
