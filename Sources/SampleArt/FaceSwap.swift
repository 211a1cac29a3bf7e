import Foundation

/// A crude face swap, wrong in the ways that swaps go wrong: another face blended over the inner part of the true
/// one, softer than its surroundings, of another tint, with a visible seam, and restless from frame to frame.
struct FaceSwap: Sendable {
  let donor: FaceLook

  /// - Parameter index: number of the frame; chooses how the swap jumps.
  func paint(over pose: FacePose, index: Int, on canvas: inout Canvas) {
    var misplaced = pose
    misplaced.centerX += (Noise.value(index, 1, 5) - 0.5) * 0.09 * pose.radius
    misplaced.centerY += (Noise.value(index, 2, 5) - 0.5) * 0.07 * pose.radius
    // The donor blinks and speaks at other times.
    misplaced.blink = 0
    misplaced.speech *= 0.4
    let flicker = 0.82 + 0.36 * Noise.value(index / 2, 3, 5)
    let painter = FacePainter(look: donor, pose: misplaced)
    // A swap is computed at a low resolution; this is one of its pixels, in half face widths.
    let cell: Float = 0.075
    painter.paint(on: &canvas, reach: 1.5) { u, v, behind in
      let mask = (u / 0.80) * (u / 0.80) + ((v - 0.18) / 0.92) * ((v - 0.18) / 0.92)
      let inside = smoothStep(1.05, 0.95, mask)
      guard inside > 0 else { return behind }
      var swapped = smoothedSkin(painter, u, v, cell: cell)
      swapped = Color(swapped.red * 1.06, swapped.green * 0.94, swapped.blue * 1.10) * flicker
      let seam = 1 - 0.22 * smoothStep(0.80, 0.97, mask)
      return behind.mixed(with: swapped * seam, inside * 0.96)
    }
  }

  /// The donor's skin, sampled on a coarse grid and interpolated.
  private func smoothedSkin(_ painter: FacePainter, _ u: Float, _ v: Float, cell: Float) -> Color {
    let left = (u / cell).rounded(.down)
    let top = (v / cell).rounded(.down)
    let across = u / cell - left
    let down = v / cell - top
    func skin(_ column: Float, _ row: Float) -> Color { painter.skin(column * cell, row * cell) }
    return skin(left, top).mixed(with: skin(left + 1, top), across)
      .mixed(with: skin(left, top + 1).mixed(with: skin(left + 1, top + 1), across), down)
  }
}
