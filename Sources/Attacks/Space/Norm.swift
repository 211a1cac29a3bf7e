/// How the size of a perturbation is measured, over a whole crop.
public enum Norm: String, Sendable, CaseIterable, Codable {
  /// Largest change of a value, on the [0, 1] scale.
  case linf
  /// Euclidean length of the change of all values.
  case l2
  /// Number of pixels that changed in any channel.
  case l0
}

/// The size of one perturbation by each norm.
public struct PerturbationSize: Sendable, Hashable, Codable {
  public var linf: Float
  public var l2: Float
  public var l0: Int

  public init(from origin: CropPixels, to changed: CropPixels) {
    precondition(origin.values.count == changed.values.count, "crops of different sizes")
    var (largest, squares, pixels): (Float, Double, Int) = (0, 0, 0)
    for pixel in 0..<origin.pixelCount {
      var isChanged = false
      for place in (3 * pixel)..<(3 * pixel + 3) {
        let change = changed.values[place] - origin.values[place]
        guard change != 0 else { continue }
        isChanged = true
        largest = max(largest, abs(change))
        squares += Double(change * change)
      }
      if isChanged { pixels += 1 }
    }
    (linf, l2, l0) = (largest, Float(squares.squareRoot()), pixels)
  }

  public subscript(norm: Norm) -> Float {
    switch norm {
    case .linf: linf
    case .l2: l2
    case .l0: Float(l0)
    }
  }
}
