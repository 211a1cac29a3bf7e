import Foundation

/// JSON for a program that a person may read too: indented, keys in order, words for the numbers that JSON lacks.
package func readableJSON(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
