/// Seeded noise: the same place and seed give the same value on every machine.
enum Noise {
  /// White noise over whole coordinates, 0…1.
  static func value(_ x: Int, _ y: Int, _ seed: Int) -> Float {
    var bits = UInt64(bitPattern: Int64(x)) &* 0x9E37_79B9_7F4A_7C15
    bits ^= UInt64(bitPattern: Int64(y)) &* 0xC2B2_AE3D_27D4_EB4F
    bits ^= UInt64(bitPattern: Int64(seed)) &* 0x1656_67B1_9E37_79F9
    bits = (bits ^ (bits >> 31)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return Float((bits ^ (bits >> 31)) >> 40) / Float(1 << 24)
  }

  /// Smooth noise with features of one unit, 0…1.
  static func smooth(_ x: Float, _ y: Float, seed: Int) -> Float {
    let left = x.rounded(.down)
    let top = y.rounded(.down)
    let column = Int(left)
    let row = Int(top)
    let across = smoothStep(0, 1, x - left)
    let down = smoothStep(0, 1, y - top)
    let upper = mix(value(column, row, seed), value(column + 1, row, seed), across)
    let lower = mix(value(column, row + 1, seed), value(column + 1, row + 1, seed), across)
    return mix(upper, lower, down)
  }

  /// Noise of several scales on top of each other, 0…1, mostly around 0.5.
  static func layered(_ x: Float, _ y: Float, seed: Int) -> Float {
    smooth(x, y, seed: seed) * 0.55 + smooth(x * 2.1, y * 2.1, seed: seed + 1) * 0.3
      + smooth(x * 4.3, y * 4.3, seed: seed + 2) * 0.15
  }
}

func mix(_ a: Float, _ b: Float, _ amount: Float) -> Float { a + (b - a) * amount }

/// 0 below `low`, 1 above `high`, a smooth S in between; falls instead when `low` is above `high`.
func smoothStep(_ low: Float, _ high: Float, _ x: Float) -> Float {
  let t = min(max((x - low) / (high - low), 0), 1)
  return t * t * (3 - 2 * t)
}
