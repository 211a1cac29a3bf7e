import Foundation

/// Text without the characters that neither XML nor HTML allows: names of files may hold anything.
func visible(_ text: String) -> String {
  var result = ""
  result.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    let isControl = scalar.value < 0x20 && scalar != "\t" && scalar != "\n" || (0x7F...0x9F).contains(scalar.value)
    result.unicodeScalars.append(isControl || scalar.value & 0xFFFE == 0xFFFE ? "\u{FFFD}" : scalar)
  }
  return result
}

/// Text as it may stand in an SVG picture: none of it can become markup.
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
