import Foundation

/// What a drawn person looks like; nobody in particular.
struct FaceLook: Sendable, Hashable {
  var skin: Color
  var hair: Color
  var iris: Color
  var lips: Color
  var shirt: Color
  /// Height of the head by its width.
  var length: Float
  /// Half the distance between the eyes, in half face widths.
  var eyeSpacing: Float
  var browThickness: Float
  /// Where the hair begins, in half face widths above the middle of the face.
  var hairline: Float
  /// How far the hair comes down at the sides, in half face widths below the middle; negative for short hair.
  var hairLength: Float
  /// Chooses the pattern of the skin and of the hair.
  var seed: Int

  static let ada = FaceLook(
    skin: Color(0.86, 0.66, 0.55), hair: Color(0.20, 0.13, 0.09), iris: Color(0.30, 0.22, 0.14),
    lips: Color(0.68, 0.32, 0.31), shirt: Color(0.22, 0.34, 0.52), length: 1.32, eyeSpacing: 0.40,
    browThickness: 0.050, hairline: 0.86, hairLength: 0.75, seed: 11)

  static let ben = FaceLook(
    skin: Color(0.55, 0.38, 0.29), hair: Color(0.07, 0.06, 0.06), iris: Color(0.16, 0.10, 0.07),
    lips: Color(0.45, 0.24, 0.22), shirt: Color(0.62, 0.56, 0.40), length: 1.27, eyeSpacing: 0.42,
    browThickness: 0.070, hairline: 0.92, hairLength: -0.15, seed: 23)

  static let cleo = FaceLook(
    skin: Color(0.93, 0.77, 0.68), hair: Color(0.52, 0.34, 0.18), iris: Color(0.27, 0.42, 0.47),
    lips: Color(0.78, 0.42, 0.42), shirt: Color(0.45, 0.20, 0.26), length: 1.38, eyeSpacing: 0.39,
    browThickness: 0.042, hairline: 0.80, hairLength: 1.10, seed: 37)

  static let dan = FaceLook(
    skin: Color(0.74, 0.56, 0.42), hair: Color(0.33, 0.31, 0.30), iris: Color(0.25, 0.30, 0.25),
    lips: Color(0.58, 0.34, 0.31), shirt: Color(0.26, 0.28, 0.27), length: 1.30, eyeSpacing: 0.41,
    browThickness: 0.062, hairline: 1.00, hairLength: -0.20, seed: 53)
}

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
