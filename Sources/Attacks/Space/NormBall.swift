public import Compute

/// The ball around a crop, intersected with [0, 1].
///
/// Start, step and projection are functions of the norm, so that attacks are independent of it.
public struct NormBall: Sendable {
  public let norm: Norm
  /// Radius: a change of value for ℓ∞, a length for ℓ2, a number of pixels for ℓ0; infinity for no limit.
  public let radius: Float
  public let origin: CropPixels

  /// - Precondition: the radius is not negative.
  public init(_ norm: Norm, radius: Float, around origin: CropPixels) {
    precondition(radius >= 0, "a ball of radius \(radius)")
    self.norm = norm
    self.radius = radius
    self.origin = origin
  }

  /// Projection onto the ball in its norm; for ℓ0, the most changed pixels keep their change.
  public func project(_ x: inout CropPixels) {
    switch norm {
    case .linf:
      for i in x.values.indices {
        let o = origin.values[i]
        x.values[i] = min(max(x.values[i], max(o - radius, 0)), min(o + radius, 1))
      }
    case .l2:
      x.clipToUnit()
      shorten(&x)
    case .l0:
      x.clipToUnit()
      keepStrongest(&x)
    }
  }

  /// A random point of the ball: uniform for ℓ∞; for ℓ2 a random direction and a length up to the radius; for ℓ0 random
  /// values in random pixels.
  public func randomPoint(using generator: inout SeededGenerator) -> CropPixels {
    var x = origin
    switch norm {
    case .linf:
      for i in x.values.indices { x.values[i] += radius * (2 * generator.uniform() - 1) }
    case .l2:
      var length: Float = 0
      var direction = [Float](repeating: 0, count: x.values.count)
      for i in direction.indices {
        direction[i] = generator.normal()
        length += direction[i] * direction[i]
      }
      let scale = radius * generator.uniform() / max(length.squareRoot(), .leastNormalMagnitude)
      for i in direction.indices { x.values[i] += scale * direction[i] }
    case .l0:
      for _ in 0..<Int(min(radius, Float(origin.pixelCount))) {
        let pixel = generator.index(below: origin.pixelCount)
        for channel in 0..<3 { x.values[3 * pixel + channel] = generator.uniform() }
      }
    }
    project(&x)
    return x
  }

  /// A steepest-ascent step of length `size` in the norm; for ℓ0 of length `size` in ℓ1, on the pixels with the largest
  /// gradient (Croce and Hein 2019).
  public func step(_ x: inout CropPixels, along direction: [Float], size: Float) {
    switch norm {
    case .linf:
      for i in x.values.indices where direction[i] != 0 { x.values[i] += direction[i] > 0 ? size : -size }
    case .l2:
      let length = direction.length
      guard length > 0 else { return }
      for i in x.values.indices { x.values[i] += direction[i] * (size / length) }
    case .l0:
      let length = direction.reduce(0) { $0 + abs($1) }
      guard length > 0 else { return }
      for i in x.values.indices { x.values[i] += direction[i] * (size / length) }
    }
  }

  private func shorten(_ x: inout CropPixels) {
    guard radius < .infinity else { return }
    var squares = 0.0
    for i in x.values.indices {
      let change = Double(x.values[i] - origin.values[i])
      squares += change * change
    }
    let length = squares.squareRoot()
    guard length > Double(radius) else { return }
    // Slightly shorter, so that rounding stays inside the ball.
    let scale = Float(Double(radius) / length * (1 - 1e-6))
    for i in x.values.indices { x.values[i] = origin.values[i] + (x.values[i] - origin.values[i]) * scale }
  }

  private func keepStrongest(_ x: inout CropPixels) {
    let count = Int(min(radius, Float(origin.pixelCount)))
    var changed: [(pixel: Int, strength: Float)] = []
    for pixel in 0..<origin.pixelCount {
      var strength: Float = 0
      for place in (3 * pixel)..<(3 * pixel + 3) {
        let change = x.values[place] - origin.values[place]
        strength += change * change
      }
      if strength > 0 { changed.append((pixel, strength)) }
    }
    guard changed.count > count else { return }
    changed.sort { ($1.strength, $0.pixel) < ($0.strength, $1.pixel) }
    for (pixel, _) in changed[count...] {
      for place in (3 * pixel)..<(3 * pixel + 3) { x.values[place] = origin.values[place] }
    }
  }
}

extension CropPixels {
  mutating func clipToUnit() {
    for i in values.indices { values[i] = min(max(values[i], 0), 1) }
  }
}

extension Array<Float> {
  /// Euclidean length, summed in double precision.
  var length: Float {
    Float(reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
  }
}

extension SeededGenerator {
  /// A uniformly distributed index in 0..<count.
  public mutating func index(below count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }
}

/// Norm of a perturbation, over a whole crop.
public enum Norm: String, Sendable, CaseIterable, Codable {
  /// Largest change of a value, on the [0, 1] scale.
  case linf
  /// Euclidean length of the change of all values.
  case l2
  /// Number of pixels that changed in any channel.
  case l0
}

/// Size of a perturbation in each norm.
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
