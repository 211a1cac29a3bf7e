import Compute
import Glibc

/// A soft mask of a face region: 1 inside, falling to 0 at its deformed edge.
///
/// Replaces the convex hull of landmarks in self-blended images, for crops in which the face is centred and covers
/// 0.12 to 0.88 of the height (a face box grown by 30 %).
struct FaceMask {
  /// Resolution of the mask; it is smooth, so a low one suffices.
  static let side = 48
  /// Row-major, 0…1.
  private(set) var values: [Float]

  /// An ellipse in fractions of the crop, with the exponent of its superellipse shape.
  private struct Region {
    var centerY: Double
    var radiusX: Double
    var radiusY: Double
  }

  /// Brows to chin, whole face with forehead, inner face, mouth and chin: the regions of face swaps and reenactments.
  private static let regions = [
    Region(centerY: 0.60, radiusX: 0.32, radiusY: 0.29),
    Region(centerY: 0.52, radiusX: 0.34, radiusY: 0.38),
    Region(centerY: 0.57, radiusX: 0.25, radiusY: 0.24),
    Region(centerY: 0.73, radiusX: 0.22, radiusY: 0.16),
  ]

  /// A random region with random shape and softness.
  init(using generator: inout SeededGenerator) {
    let region = generator.pick(Self.regions)
    let centerX = 0.5 + generator.uniform(in: -0.03...0.03)
    let centerY = region.centerY + generator.uniform(in: -0.03...0.03)
    let radiusX = region.radiusX * generator.uniform(in: 0.85...1.15)
    let radiusY = region.radiusY * generator.uniform(in: 0.85...1.15)
    let exponent = generator.uniform(in: 1.8...3.2)
    // Width of the soft edge as a fraction of the radius; it lies inside, as with the eroded mask in the paper.
    let softness = generator.uniform(in: 0.06...0.5)
    let waves = (2...5).map { count in
      EdgeWave(
        height: generator.uniform(in: 0...0.12) / Double(count), phase: generator.uniform(in: 0...(2 * Double.pi)))
    }
    let indices = (0..<Self.side).map { (Double($0) + 0.5) / Double(Self.side) }
    let columns = indices.map { Self.powered(($0 - centerX) / radiusX, exponent) }
    let rows = indices.map { Self.powered(($0 - centerY) / radiusY, exponent) }
    values = []
    values.reserveCapacity(Self.side * Self.side)
    for (y, yPower) in rows {
      for (x, xPower) in columns {
        let distance = pow(xPower + yPower, 1 / exponent)
        let t = min(max((Self.edge(x, y, waves) - distance) / softness, 0), 1)
        values.append(Float(t * t * (3 - 2 * t)))
      }
    }
  }

  /// A term `height · cos(k·angle + phase)` of the edge; k is its index among the waves plus 2.
  private struct EdgeWave {
    /// `height · cos(phase)` and `height · sin(phase)`.
    let cosine: Double
    let sine: Double

    init(height: Double, phase: Double) {
      cosine = height * cos(phase)
      sine = height * sin(phase)
    }
  }

  private static func powered(_ x: Double, _ exponent: Double) -> (value: Double, power: Double) {
    (x, pow(abs(x), exponent))
  }

  /// Distance of the edge in the direction of a point: 1 plus the elastic deformation, which varies around the
  /// face.
  private static func edge(_ x: Double, _ y: Double, _ waves: [EdgeWave]) -> Double {
    let length = max((x * x + y * y).squareRoot(), 1e-9)
    let (c, s) = (x / length, y / length)
    var (cosine, sine) = (c, s)
    var edge = 1.0
    for wave in waves {
      // Angle addition: from the cosine and sine of k angles to those of k + 1.
      (cosine, sine) = (cosine * c - sine * s, sine * c + cosine * s)
      edge += wave.cosine * cosine - wave.sine * sine
    }
    return edge
  }
}
