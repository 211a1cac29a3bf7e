extension Collection where Element == Double {
  /// The mean without the `fraction` of the values (rounded down) that are smallest, and as many that are greatest.
  ///
  /// - Parameter fraction: 0 up to, but not including, 0.5.
  /// - Precondition: there is a value.
  func trimmedMean(fraction: Double) -> Double {
    precondition(!isEmpty, "the mean of no values")
    precondition((0..<0.5).contains(fraction), "cannot trim \(fraction) at both ends")
    let dropped = Int(Double(count) * fraction)
    let kept = sorted().dropFirst(dropped).dropLast(dropped)
    return kept.reduce(0, +) / Double(kept.count)
  }
}
