import Faces
import Imaging
import Testing

@Suite("Face tracker")
struct FaceTrackerTests {
  let log = PatchDetector.Log()

  func tracker() -> FaceTracker<PatchDetector> { FaceTracker(detector: PatchDetector(log: log)) }

  /// Tracks of each picture.
  func ids(_ pictures: [[Patch]]) throws -> [[Int]] {
    var tracker = tracker()
    return try pictures.map { try tracker.faces(in: Frame.patches($0)).map(\.track) }
  }

  @Test("boxes come back in the picture's pixels")
  func boxes() throws {
    var tracker = tracker()
    for x in [100, 110, 120] {
      let faces = try tracker.faces(in: Frame.patches([Patch(kind: .red, x: x, y: 200)]))
      let box = try #require(faces.first).box
      #expect(abs(box.centerX - Double(x + 20)) < 4 && abs(box.centerY - 220) < 4)
      #expect(abs(box.width - 40) < 6)
    }
  }

  @Test("a known face is looked for near its place, the whole picture at intervals only")
  func schedule() throws {
    let still = [Patch(kind: .red, x: 300, y: 100)]
    _ = try ids(Array(repeating: still, count: 14))
    let whole = log.frames.enumerated().filter { $0.element.width == 160 }
    #expect(whole.count == 2, "pictures 0 and 8: \(log.sizes)")
    #expect(log.frames.count == 2 + 13)
    #expect(log.frames.filter { $0.width != 160 }.allSatisfy { $0.width < 60 && $0.height < 60 })
  }

  @Test("two faces that pass each other keep their tracks")
  func crossing() throws {
    let pictures = (0..<12).map { i in
      [Patch(kind: .red, x: 100 + 30 * i, y: 60), Patch(kind: .green, x: 460 - 30 * i, y: 240)]
    }
    var tracker = tracker()
    for (i, patches) in pictures.enumerated() {
      let faces = try tracker.faces(in: Frame.patches(patches))
      #expect(faces.map(\.track) == [0, 1])
      for (face, patch) in zip(faces, patches) {
        #expect(abs(face.box.centerX - Double(patch.x + 20)) < 6, "picture \(i)")
      }
    }
  }

  @Test("a face that jumps further than its surroundings is found again in the same picture")
  func jump() throws {
    let pictures = [100, 100, 155, 155].map { [Patch(kind: .red, x: $0, y: 100)] }
    #expect(try ids(pictures) == [[0], [0], [0], [0]])
  }

  @Test("another face elsewhere is another track")
  func newFace() throws {
    let pictures = [40, 40, 500, 500].map { [Patch(kind: .red, x: $0, y: 100)] }
    #expect(try ids(pictures) == [[0], [0], [1], [1]])
  }

  @Test("a face keeps its track through a short absence and loses it in a long one")
  func absence() throws {
    let face = [Patch(kind: .red, x: 300, y: 100)]
    #expect(try ids([face, [], [], face]) == [[0], [], [], [0]])
    #expect(try ids([face, [], [], [], [], [], face]) == [[0], [], [], [], [], [], [1]])
  }

  @Test("an unsure face continues a track but never begins one")
  func unsure() throws {
    let sure = [Patch(kind: .red, x: 300, y: 100)]
    let unsure = [Patch(kind: .blue, x: 304, y: 100)]
    #expect(try ids([unsure, sure, unsure, unsure]) == [[], [0], [0], [0]])
  }

  @Test("someone who comes in is seen at the next look around")
  func entering() throws {
    let first = Patch(kind: .red, x: 80, y: 100)
    let second = Patch(kind: .green, x: 480, y: 100)
    let pictures = (0..<10).map { $0 < 3 ? [first] : [first, second] }
    #expect(try ids(pictures) == Array(repeating: [0], count: 8) + [[0, 1], [0, 1]])
  }

  @Test("without any face, fewer pictures are searched")
  func patience() throws {
    _ = try ids(Array(repeating: [], count: 10))
    // 5, 7 and 9 not at all.
    #expect(log.frames.count == 7, "\(log.sizes)")
  }

  @Test("a ribbon of a picture is not blown up")
  func ribbon() throws {
    var tracker = tracker()
    _ = try tracker.faces(in: Frame.patches([], width: 4000, height: 4))
    #expect(log.frames.allSatisfy { $0.width * $0.height <= 180 * 180 * 4 + 4000 }, "\(log.sizes)")
  }

  @Test("after a reset the next video begins with track 0")
  func reset() throws {
    var tracker = tracker()
    let frame = Frame.patches([Patch(kind: .red, x: 300, y: 100)])
    let first = try tracker.faces(in: frame)
    _ = try tracker.faces(in: frame)
    tracker.reset()
    #expect(try tracker.faces(in: frame) == first)
  }

  @Test("a failing detector's error reaches the caller")
  func failure() {
    var tracker = FaceTracker(detector: PatchDetector(log: log, failing: true))
    #expect(throws: FacesError.self) { try tracker.faces(in: Frame.patches([])) }
  }
}
