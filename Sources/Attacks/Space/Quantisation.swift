extension NormBall {
  /// Candidate 8-bit roundings of `x` within the ball, as image and video files can store them; the most successful one is
  /// used. The origin must have 8-bit values.
  public func eightBit(_ x: CropPixels) -> [CropPixels] {
    norm == .l2 && radius < .infinity ? [quantised(x), filled(along: x)] : [quantised(x)]
  }

  /// `x` rounded to 8-bit values within the ball.
  ///
  /// Rounds to the nearest level, or one level towards the origin where that would leave the ball.
  public func quantised(_ x: CropPixels) -> CropPixels {
    var result = x
    for i in result.values.indices { result.values[i] = (min(max(x.values[i], 0), 1) * 255).rounded() / 255 }
    switch norm {
    case .linf:
      for i in result.values.indices where abs(result.values[i] - origin.values[i]) > radius + 1e-6 {
        result.values[i] = towardsOrigin(x.values[i], i)
      }
    case .l2:
      guard PerturbationSize(from: origin, to: result).l2 > radius else { break }
      for i in result.values.indices { result.values[i] = towardsOrigin(x.values[i], i) }
    case .l0:
      break
    }
    return result
  }

  private func towardsOrigin(_ value: Float, _ index: Int) -> Float {
    let levels = (value - origin.values[index]) * 255
    // Tolerance, so that rounding errors do not cost a whole level.
    let whole = (levels + (levels > 0 ? 1e-3 : -1e-3)).rounded(.towardZero)
    return origin.values[index] + whole / 255
  }

  /// 8-bit roundings along the ray from the origin through `x`, as far as the ℓ2 ball allows.
  ///
  /// Over a whole crop, relevant ℓ2 budgets are fractions of a level per value, and rounding removes most of the
  /// perturbation. Scaled up first, the strongest changes become whole levels and weak ones vanish.
  private func filled(along x: CropPixels) -> CropPixels {
    let from = origin.values.map { ($0 * 255).rounded() }
    let way = zip(x.values, from).map { $0 * 255 - $1 }
    // Below rounding errors, there is no direction.
    guard let greatest = way.map(abs).max(), greatest > 1e-3 else { return origin }
    let limit = Double(radius * 255) * Double(radius * 255)
    func change(_ i: Int, _ scale: Float) -> Float {
      min(max((from[i] + scale * way[i]).rounded(), 0), 255) - from[i]
    }
    func isInside(_ scale: Float) -> Bool {
      var squares = 0.0
      for i in way.indices {
        let change = Double(change(i, scale))
        squares += change * change
      }
      return squares <= limit
    }
    var (inside, outside) = (Float(0), 1 / greatest)
    while isInside(outside) {
      inside = outside
      // By then, every value that moves has reached the end of its range.
      guard outside < 1e6 else { break }
      outside *= 2
    }
    for _ in 0..<32 {
      let middle = (inside + outside) / 2
      if isInside(middle) { inside = middle } else { outside = middle }
    }
    var changes = way.indices.map { change($0, inside) }
    var squares = changes.reduce(0.0) { $0 + Double($1) * Double($1) }
    // Of equal values that would leave the ball together, keeps as many as fit.
    for i in way.indices {
      let farther = change(i, outside)
      let more = Double(farther * farther - changes[i] * changes[i])
      guard more > 0, squares + more <= limit else { continue }
      changes[i] = farther
      squares += more
    }
    var result = origin
    for i in changes.indices where changes[i] != 0 { result.values[i] = (from[i] + changes[i]) / 255 }
    return result
  }
}

/// A crop for attacks: pixels on the [0, 1] scale, `R G B` interleaved, row-major.
public struct CropPixels: Sendable, Hashable {
  public let width: Int
  public let height: Int
  /// `height * width * 3` values.
  public var values: [Float]

  /// - Precondition: `values` has `height * width * 3` elements.
  public init(width: Int, height: Int, values: [Float]) {
    precondition(values.count == width * height * 3, "\(values.count) values for \(width)×\(height) pixels")
    self.width = width
    self.height = height
    self.values = values
  }

  /// From bytes; 255 maps to 1.
  public init(width: Int, height: Int, bytes: some Collection<UInt8>) {
    self.init(width: width, height: height, values: bytes.map { Float($0) / 255 })
  }

  /// Rounded to the nearest bytes.
  public var bytes: [UInt8] { values.map { UInt8((min(max($0, 0), 1) * 255).rounded()) } }

  public var pixelCount: Int { width * height }
}
