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
