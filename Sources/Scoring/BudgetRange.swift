package import Attacks
package import Runs

/// Valid budgets of a norm; values outside indicate a wrong unit.
package enum BudgetRange {
  /// Side of the largest supported crops, in pixels.
  package static let largestSide = 1024

  /// - Parameters:
  ///   - side: side of the crops, in pixels.
  ///   - name: name of the option or setting, for the message.
  /// - Throws: `WorkflowError.settings` stating the valid range.
  package static func check(
    _ epsilon: Float, in norm: Norm, side: Int = BudgetRange.largestSide, name: String
  ) throws(WorkflowError) {
    let pixels = side * side
    switch norm {
    case .linf:
      guard !(0...1).contains(epsilon) else { return }
      throw .usage(
        "\(name) is the change of a value on the [0, 1] scale, so 1 at most, not \(epsilon): for 8 of 255 levels write "
          + "8/255")
    case .l2:
      let longest = Float(3 * pixels).squareRoot()
      guard !(0...longest).contains(epsilon) else { return }
      throw .usage(
        "\(name) is the length of the change of all values on the [0, 1] scale, so \(Int(longest)) at most on "
          + "\(side)×\(side) pixels, not \(epsilon)")
    case .l0:
      guard !(epsilon >= 1 && epsilon <= Float(pixels) && epsilon == epsilon.rounded()) else { return }
      throw .usage(
        "\(name) is a number of pixels, a whole one from 1 to \(pixels) on \(side)×\(side) pixels, not \(epsilon)")
    }
  }
}
