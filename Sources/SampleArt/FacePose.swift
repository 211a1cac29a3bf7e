import Foundation

/// Where a drawn face is and what it does at one moment.
struct FacePose: Sendable, Hashable {
  /// Middle of the face, in pixels.
  var centerX: Float
  var centerY: Float
  /// Half the width of the face, in pixels.
  var radius: Float
  /// Turn of the head to the right (of the picture), -1…1; features move by a third of a half face.
  var yaw: Float = 0
  /// Tilt of the head, in radians.
  var roll: Float = 0
  /// 0 eyes open, 1 closed.
  var blink: Float = 0
  /// 0 mouth closed, 1 open.
  var speech: Float = 0

  /// A person who sits, talks, blinks and moves a little.
  ///
  /// - Parameters:
  ///   - seconds: time in the clip.
  ///   - phase: makes two people move differently.
  static func talking(
    centerX: Float, centerY: Float, radius: Float, seconds: Double, phase: Double
  ) -> FacePose {
    let t = seconds + phase
    let sinceBlink = (t + 0.7).truncatingRemainder(dividingBy: 2.3)
    return FacePose(
      centerX: centerX + radius * Float(0.28 * sin(t * 1.1) + 0.05 * sin(t * 3.7)),
      centerY: centerY + radius * Float(0.09 * sin(t * 1.7 + 1)),
      radius: radius * Float(1 + 0.03 * sin(t * 0.9)),
      yaw: Float(0.35 * sin(t * 0.8 + 0.4)),
      roll: Float(0.05 * sin(t * 1.3 + 2)),
      blink: Float(max(0, 1 - abs(sinceBlink - 0.1) / 0.1)),
      speech: Float(0.5 * abs(sin(t * 7.1) * sin(t * 1.9))))
  }
}
