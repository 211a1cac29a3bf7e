import Imaging

extension Double {
  /// Rounded to 6 decimals, as every fraction in a manifest is: the same input gives the same digits, and what is
  /// derived from recorded numbers is derived exactly.
  var manifestRounded: Double {
    // Adding zero turns −0 into 0.
    let rounded = (self * 1_000_000).rounded() / 1_000_000 + 0
    // Beyond 2^53 millionths there is nothing left to round.
    return abs(self) < 9e9 ? rounded : self
  }
}

extension Box {
  /// The box as it is recorded.
  var manifestRounded: Box {
    Box(
      x: x.manifestRounded, y: y.manifestRounded, width: width.manifestRounded, height: height.manifestRounded)
  }
}
