import Glibc

/// Reproducible random numbers: xoshiro256** (Blackman and Vigna 2018), seeded by SplitMix64.
///
/// The same seed gives the same numbers on every machine and in every version.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)
  private var spareNormal: Float?

  public init(seed: UInt64) {
    self.init(seed: seed, path: [])
  }

  /// A generator for one position in a run, independent of the generators of all other paths.
  ///
  /// - Parameter path: for example the step, the worker and the layer.
  public init(seed: UInt64, path: [UInt64]) {
    var mix = SplitMix64(state: seed)
    for part in path {
      mix = SplitMix64(state: mix.next() ^ (part &* 0xD129_0DDB_53C4_3E49))
    }
    state = (mix.next(), mix.next(), mix.next(), mix.next())
  }

  public mutating func next() -> UInt64 {
    let result = Self.rotated(state.1 &* 5, by: 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = Self.rotated(state.3, by: 45)
    return result
  }

  /// A uniform number in 0..<1, with 24 random bits.
  public mutating func uniform() -> Float {
    Float(next() >> 40) * 0x1p-24
  }

  /// A standard normal deviate (Box and Muller 1958, in double precision).
  public mutating func normal() -> Float {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    // 1 - u lies in (0, 1], where the logarithm is finite.
    let radius = (-2 * log(1 - Double(next() >> 11) * 0x1p-53)).squareRoot()
    let angle = 2 * Double.pi * Double(next() >> 11) * 0x1p-53
    spareNormal = Float(radius * sin(angle))
    return Float(radius * cos(angle))
  }

  private static func rotated(_ x: UInt64, by count: UInt64) -> UInt64 {
    (x << count) | (x >> (64 - count))
  }
}

/// SplitMix64 (Steele, Lea and Flood 2014): expands a seed into well-mixed words.
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
