public import Imaging

/// A drawn place with people in it, at any moment.
public struct Scene: Sendable {
  struct Person: Sendable {
    var look: FaceLook
    /// Middle of the face, in parts of the width and the height; radius in parts of the shorter side.
    var x: Float
    var y: Float
    var radius: Float
    var phase: Double
    var swap: FaceSwap?
  }

  public let width: Int
  public let height: Int
  let people: [Person]
  /// Chooses the room.
  let seed: Int

  /// Pictures per second at which scenes are drawn.
  public static let framesPerSecond = 25

  /// - Parameter index: number of the picture.
  public func frame(_ index: Int) -> Frame {
    var canvas = Canvas(width: width, height: height)
    let backdrop = Backdrop(width: width, height: height, seed: seed)
    canvas.paint(columns: 0...width - 1, rows: 0...height - 1) { x, y, _ in backdrop.color(x: x, y: y) }
    let seconds = Double(index) / Double(Self.framesPerSecond)
    for person in people {
      let pose = pose(of: person, seconds: seconds)
      FacePainter(look: person.look, pose: pose).paintPerson(on: &canvas)
      person.swap?.paint(over: pose, index: index, on: &canvas)
    }
    return canvas.frame(grain: 2.5, seed: seed &+ index)
  }

  /// Where the faces of picture `index` are, from ear to ear and from hairline to chin.
  public func faceBoxes(_ index: Int) -> [Box] {
    people.map { person in
      let pose = pose(of: person, seconds: Double(index) / Double(Self.framesPerSecond))
      let radius = Double(pose.radius)
      return Box(
        x: Double(pose.centerX) - radius, y: Double(pose.centerY) - radius * 0.8, width: radius * 2,
        height: radius * (0.8 + Double(person.look.length)))
    }
  }

  private func pose(of person: Person, seconds: Double) -> FacePose {
    .talking(
      centerX: person.x * Float(width), centerY: person.y * Float(height),
      radius: person.radius * Float(min(width, height)), seconds: seconds, phase: person.phase)
  }
}

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
