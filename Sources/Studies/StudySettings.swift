import Foundation
package import Runs

/// A study's settings from its file and the command line: one or more values per name.
package struct StudySettings: Sendable, Codable, Equatable {
  package var values: [String: [String]]

  package init(_ values: [String: [String]] = [:]) {
    self.values = values
  }

  /// - Throws: `WorkflowError.settings`, like all methods below, when the value has the wrong type or range.
  func texts(_ name: String) throws(WorkflowError) -> [String] {
    guard let texts = values[name], !texts.isEmpty else { throw .usage("the study needs the setting '\(name)'") }
    return texts
  }

  package func text(_ name: String) throws(WorkflowError) -> String {
    let texts = try texts(name)
    guard texts.count == 1 else {
      throw .usage(
        "the setting '\(name)' takes one value, not \(texts.joined(separator: ",")): give --set once for each setting")
    }
    return texts[0]
  }

  /// Numbers, including fractions such as 8/255.
  package func numbers(_ name: String, in range: ClosedRange<Double>) throws(WorkflowError) -> [Double] {
    try texts(name).map { text throws(WorkflowError) in
      guard let number: Double = fraction(text), range.contains(number) else {
        throw .usage(
          "the setting '\(name)' takes numbers from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
      }
      return number
    }
  }

  package func number(_ name: String, in range: ClosedRange<Double>) throws(WorkflowError) -> Double {
    _ = try text(name)
    return try numbers(name, in: range)[0]
  }

  func integers(_ name: String, in range: ClosedRange<Int>) throws(WorkflowError) -> [Int] {
    try texts(name).map { text throws(WorkflowError) in
      guard let number = Int(text), range.contains(number) else {
        throw .usage(
          "the setting '\(name)' takes whole numbers from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
      }
      return number
    }
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(WorkflowError) -> Int {
    _ = try text(name)
    return try integers(name, in: range)[0]
  }
}

/// Parses a decimal such as `0.5` or a fraction such as `8/255`; nil for anything else.
package func fraction<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ text: String) -> Number? {
  let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Number(String($0)) }
  let value: Number? =
    switch parts.count {
    case 1: parts[0]
    case 2: parts[0].flatMap { top in parts[1].flatMap { $0 > 0 ? top / $0 : nil } }
    default: nil
    }
  return value.flatMap { $0.isFinite ? $0 : nil }
}
