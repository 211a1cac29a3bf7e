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
