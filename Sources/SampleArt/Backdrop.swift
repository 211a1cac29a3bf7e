/// A wall with a soft light on it, a window or picture frame, and a sill.
struct Backdrop: Sendable {
  let width: Int
  let height: Int
  let seed: Int

  func color(x: Int, y: Int) -> Color {
    let u = Float(x) / Float(width)
    let v = Float(y) / Float(height)
    let unit = Float(max(width, height)) / 40
    let plaster = Noise.layered(Float(x) / unit, Float(y) / unit, seed: seed)
    let tint = Color(
      0.45 + 0.25 * Noise.value(1, 0, seed), 0.45 + 0.25 * Noise.value(2, 0, seed),
      0.45 + 0.25 * Noise.value(3, 0, seed))
    let fromLight = ((u - 0.2) * (u - 0.2) + (v - 0.1) * (v - 0.1)).squareRoot()
    var color = tint * (1.05 - 0.45 * fromLight + 0.18 * (plaster - 0.5))
    let left = 0.62 + 0.2 * Noise.value(4, 0, seed)
    let framed =
      smoothStep(left, left + 0.008, u) * smoothStep(left + 0.2, left + 0.192, u)
      * smoothStep(0.10, 0.115, v) * smoothStep(0.52, 0.505, v)
    let scene = Color(0.30, 0.42, 0.50) * (0.6 + 0.9 * Noise.layered(u * 12, v * 9, seed: seed + 20))
    color = color.mixed(with: scene, framed)
    let sill = smoothStep(0.80, 0.81, v)
    let wood = Color(0.36, 0.27, 0.20) * (0.7 + 0.6 * Noise.layered(u * 6, v * 60, seed: seed + 40))
    return color.mixed(with: wood, sill)
  }
}
