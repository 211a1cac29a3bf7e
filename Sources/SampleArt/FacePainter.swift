import Foundation

/// Paints one face: a shaded head with eyes, brows, nose, mouth and hair, and the shoulders below it.
///
/// All shapes are functions of `u` (right) and `v` (down) around the middle of the face, in half face widths.
struct FacePainter: Sendable {
  let look: FaceLook
  let pose: FacePose

  /// Softness of edges: a bit more than a pixel.
  private var edge: Float { 1.3 / pose.radius }

  func paintPerson(on canvas: inout Canvas) {
    paint(on: &canvas, reach: 8) { u, v, behind in
      var color = v > 0.5 ? paintedBody(u, v, over: behind) : behind
      // Most of the picture is not head.
      guard abs(u) < 1.3, abs(v) < look.length * 1.2 else { return color }
      color = color.mixed(with: look.skin * (0.62 - 0.1 * u), ear(u, v))
      color = paintedHair(u, v, front: false, over: color)
      let inside = insideHead(u, v)
      if inside > 0 { color = color.mixed(with: skin(u, v), inside) }
      return paintedHair(u, v, front: true, over: color)
    }
  }

  /// Calls `color` for the pixels within `reach` half face widths, with their place in the face.
  func paint(on canvas: inout Canvas, reach: Float, _ color: (Float, Float, Color) -> Color) {
    let half = Int(pose.radius * reach)
    let x = Int(pose.centerX)
    let y = Int(pose.centerY)
    let cosine = cos(pose.roll) / pose.radius
    let sine = sin(pose.roll) / pose.radius
    canvas.paint(columns: x - half...x + half, rows: y - half...y + half) { x, y, behind in
      let dx = Float(x) + 0.5 - pose.centerX
      let dy = Float(y) + 0.5 - pose.centerY
      return color(dx * cosine + dy * sine, dy * cosine - dx * sine, behind)
    }
  }

  // MARK: Head

  /// 1 inside the outline of head and jaw, 0 outside.
  private func insideHead(_ u: Float, _ v: Float) -> Float {
    let down = v / look.length
    let width = v > 0 ? 1 - 0.24 * down * down : 1 - 0.03 * down * down
    let distance = ((u / width) * (u / width) + down * down).squareRoot()
    return smoothStep(1 + edge, 1 - edge, distance)
  }

  private func ear(_ u: Float, _ v: Float) -> Float {
    let x = (abs(u) - 0.98) / 0.13
    let y = (v - 0.02) / 0.26
    return smoothStep(1.1, 0.9, (x * x + y * y).squareRoot())
  }

  /// The skin with all that is on it, lit from the upper left.
  func skin(_ u: Float, _ v: Float) -> Color {
    let y = v / (look.length * 1.05)
    let depth = max(0, 1 - u * u - y * y).squareRoot()
    let light = max(0, -0.38 * u - 0.45 * y + 0.81 * depth)
    var color = look.skin * (0.42 + 0.66 * light)
    color = color * (0.96 + 0.08 * Noise.layered(u * 9, v * 9, seed: look.seed))
    // Features sit on a round head: turning it moves the near ones most.
    let x = u - pose.yaw * 0.33 * depth
    color = paintedNose(x, v, over: color)
    color = paintedMouth(x, v, over: color)
    for side in [-1, 1] as [Float] {
      color = paintedEye((x - side * look.eyeSpacing) * side, v + 0.14, over: color)
    }
    return color
  }

  /// - Parameters:
  ///   - u: from the middle of the eye, outwards.
  ///   - v: from the middle of the eye, down.
  private func paintedEye(_ u: Float, _ v: Float, over skin: Color) -> Color {
    var color = skin * (1 - 0.38 * bump(u + 0.03, v + 0.04, 0.23, 0.16))
    // The brow: an arc, thinner outwards.
    let arc = v + 0.25 + 0.10 * (1 - (u / 0.28) * (u / 0.28)) * 0.6
    let thickness = look.browThickness * (1.15 - 0.9 * max(0, u))
    let brow = smoothStep(thickness + 0.03, thickness - 0.02, abs(arc)) * smoothStep(0.31, 0.25, abs(u))
    color = color.mixed(with: look.hair * 0.8, brow * 0.9)
    // The eye: an almond that the lid closes.
    let open = 0.105 * (1 - 0.92 * pose.blink)
    let almond = (u / 0.205) * (u / 0.205) + (v / open) * (v / open)
    let inside = smoothStep(1.25, 0.85, almond)
    var ball = Color(0.90, 0.88, 0.85) * (0.75 + 0.25 * smoothStep(-0.1, 0.02, v))
    let gaze = pose.yaw * 0.04
    let fromIris = ((u - gaze) * (u - gaze) + v * v).squareRoot()
    ball = ball.mixed(with: look.iris, smoothStep(0.105, 0.085, fromIris))
    ball = ball.mixed(with: Color(0.03, 0.03, 0.03), smoothStep(0.05, 0.035, fromIris))
    let glint = ((u + 0.03) * (u + 0.03) + (v + 0.035) * (v + 0.035)).squareRoot()
    ball = ball.mixed(with: Color(1, 1, 1), smoothStep(0.03, 0.015, glint))
    color = color.mixed(with: ball, inside)
    // Lashes and the crease above them.
    let lid = abs(v + open * max(0, 1 - (u / 0.22) * (u / 0.22)).squareRoot())
    color = color * (1 - 0.75 * smoothStep(0.035, 0.01, lid) * smoothStep(0.25, 0.2, abs(u)))
    return color
  }

  private func paintedNose(_ u: Float, _ v: Float, over skin: Color) -> Color {
    let along = smoothStep(-0.25, 0.1, v) * smoothStep(0.50, 0.36, v)
    var color = skin * (1 + 0.16 * bump(u + 0.02, 0, 0.06, 1) * along)
    color = color * (1 - 0.26 * bump(u - 0.15, v - 0.25, 0.08, 0.24))
    color = color * (1 - 0.12 * bump(u + 0.17, v - 0.3, 0.06, 0.2))
    color = color * (1 + 0.14 * bump(u, v - 0.34, 0.09, 0.07))
    color = color * (1 - 0.38 * bump(u, v - 0.49, 0.20, 0.045))
    for side in [-1, 1] as [Float] {
      color = color * (1 - 0.6 * bump(u - side * 0.10, v - 0.44, 0.045, 0.03))
      color = color * (1 - 0.13 * bump(u - side * (0.30 + 0.3 * (v - 0.5)), v - 0.58, 0.04, 0.14))
    }
    return color
  }

  private func paintedMouth(_ u: Float, _ v: Float, over skin: Color) -> Color {
    let opening = 0.10 * pose.speech
    let down = v - 0.76 + 0.025 * (u / 0.3) * (u / 0.3)
    let half: Float = 0.34
    let taper = max(0, 1 - (u / half) * (u / half))
    let thickness = (down < 0 ? 0.085 : 0.11 + opening) * taper.squareRoot()
    let inside = smoothStep(thickness + 0.02, thickness - 0.02, abs(down)) * smoothStep(half, half - 0.04, abs(u))
    var color = skin * (1 - 0.24 * bump(u, down - 0.19 - opening, 0.24, 0.05))
    color = color.mixed(with: look.lips * (down < 0 ? 0.8 : 1.02), inside)
    let gap = 0.012 + opening * taper
    let dark = smoothStep(gap + 0.02, gap - 0.005, abs(down - opening * 0.4)) * smoothStep(0.37, 0.30, abs(u))
    return color.mixed(with: Color(0.16, 0.06, 0.06), dark * 0.85)
  }

  // MARK: Around the face

  /// - Parameter front: the hair before the face; behind it otherwise.
  private func paintedHair(_ u: Float, _ v: Float, front: Bool, over behind: Color) -> Color {
    let cover = front ? hairBeforeFace(u, v) : hairBehindFace(u, v)
    guard cover > 0 else { return behind }
    let strands = 0.7 + 0.6 * Noise.layered(u * 14, v * 3, seed: look.seed + 5)
    let sheen = 1 + 0.5 * bump(u + 0.4, v + 1.05, 0.4, 0.2)
    return behind.mixed(with: look.hair * (strands * sheen), cover)
  }

  private func hairBeforeFace(_ u: Float, _ v: Float) -> Float {
    let line = -look.hairline + 0.42 * u * u * u * u + 0.05 * Noise.smooth(u * 8, 0, seed: look.seed)
    return insideCap(u, v) * smoothStep(line + 0.05, line - 0.05, v)
  }

  private func hairBehindFace(_ u: Float, _ v: Float) -> Float {
    guard look.hairLength > 0 else {
      return insideCap(u, v) * smoothStep(look.hairLength + 0.08, look.hairLength - 0.08, v)
    }
    // Long hair hangs from the widest place of the head and comes together at its ends.
    let width = 1.13 - 0.18 * smoothStep(look.hairLength - 0.6, look.hairLength, v)
    let drape = smoothStep(width + edge, width - edge, abs(u)) * smoothStep(-0.02, 0, v)
    let ends = smoothStep(look.hairLength + 0.05, look.hairLength - 0.05, v + 0.1 * u * u)
    return max(insideCap(u, v) * smoothStep(0.02, 0, v), drape * ends)
  }

  /// The outline of the hair on the skull.
  private func insideCap(_ u: Float, _ v: Float) -> Float {
    let x = u / 1.13
    let y = v / (look.length * 1.13)
    return smoothStep(1 + edge, 1 - edge, (x * x + y * y).squareRoot())
  }

  private func paintedBody(_ u: Float, _ v: Float, over behind: Color) -> Color {
    var color = behind
    let x = u / 2.3
    let y = (v - 3.2) / 1.55
    let torso =
      v > 3.2 ? smoothStep(2.34, 2.26, abs(u)) : smoothStep(1.02, 0.98, (x * x + y * y).squareRoot())
    if torso > 0 {
      let cloth = 0.75 + 0.25 * Noise.layered(u * 3, v * 3, seed: look.seed + 9) - 0.1 * u
      color = color.mixed(with: look.shirt * cloth, torso)
    }
    let width = 0.56 + 0.1 * max(0, v - 1.4)
    let neck = smoothStep(width + 0.03, width - 0.03, abs(u)) * smoothStep(0.6, 0.7, v)
    let collar = smoothStep(2.05, 1.9, v + u * u)
    let shade = 0.50 + 0.3 * smoothStep(1.1, 1.9, v) - 0.12 * u
    return color.mixed(with: look.skin * shade, neck * collar)
  }

  /// A soft hill of height 1 at 0, 0.
  private func bump(_ u: Float, _ v: Float, _ width: Float, _ height: Float) -> Float {
    exp(-(u / width) * (u / width) - (v / height) * (v / height))
  }
}
