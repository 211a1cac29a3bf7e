import Compute
import Foundation
import Imaging
import Testing

@testable import Datasets

@Suite("Training samples of the face detector")
struct FaceSampleTests {
  private static let eyes = [Point(x: 60, y: 60), Point(x: 100, y: 64)]

  /// A grey picture with a red right eye and a green left one.
  private static func picture() -> (frame: Frame, face: AnnotatedFace) {
    var frame = Frame(width: 200, height: 160, pixels: [UInt8](repeating: 90, count: 200 * 160 * 3))
    for (eye, colour) in zip(eyes, [SIMD3<UInt8>(255, 0, 0), SIMD3(0, 255, 0)]) {
      frame.fill(x: Int(eye.x) - 4, y: Int(eye.y) - 4, width: 8, height: 8, colour)
    }
    let face = AnnotatedFace(
      box: Box(x: 45, y: 35, width: 70, height: 90),
      landmarks: eyes + [Point(x: 80, y: 80), Point(x: 65, y: 105), Point(x: 95, y: 107)], score: 1, isCertain: true)
    return (frame, face)
  }

  /// Mean place of the pixels of one colour.
  private static func place(of channel: Int, in frame: Frame) -> Point? {
    var (x, y, count) = (0.0, 0.0, 0.0)
    for row in 0..<frame.height {
      for column in 0..<frame.width {
        let pixel = (0..<3).map { Int(frame.pixels[(row * frame.width + column) * 3 + $0]) }
        guard pixel[channel] > 180, pixel[(channel + 1) % 3] < 80, pixel[(channel + 2) % 3] < 80 else { continue }
        x += Double(column) + 0.5
        y += Double(row) + 0.5
        count += 1
      }
    }
    return count > 0 ? Point(x: x / count, y: y / count) : nil
  }

  @Test(
    "landmarks go where the pixels go",
    arguments: [
      (0.0, 1.0, false), (35, 1, false), (-20, 0.6, true), (10, 2.3, false), (90, 1.7, false), (180, 0.8, true),
    ])
  func landmarksFollow(degrees: Double, scale: Double, isMirrored: Bool) throws {
    let (frame, face) = Self.picture()
    let window = FaceWindow(
      center: Point(x: 82, y: 75), scale: scale, radians: degrees * .pi / 180, isMirrored: isMirrored)
    let sample = FaceSample(FramePyramid(frame), [face], through: window, side: 160, fill: SIMD3(0, 0, 255))
    let mapped = try #require(sample.faces.first)
    // A mirrored face's right eye is the one that was its left, which is green.
    for (index, channel) in [(0, isMirrored ? 1 : 0), (1, isMirrored ? 0 : 1)] {
      let seen = try #require(Self.place(of: channel, in: sample.frame))
      #expect(abs(seen.x - mapped.landmarks[index].x) < 1 && abs(seen.y - mapped.landmarks[index].y) < 1)
    }
    if degrees == 90 {
      #expect(abs(mapped.box.width - 90 / scale) < 1e-6 && abs(mapped.box.height - 70 / scale) < 1e-6)
    }
  }

  @Test("faces cut off, too small or uncertain are ignored; those outside are gone")
  func ignored() {
    let frame = Self.picture().frame
    var face = Self.picture().face
    func sample(_ x: Double, scale: Double = 1) -> FaceSample {
      let window = FaceWindow(center: Point(x: x, y: 80), scale: scale, radians: 0, isMirrored: false)
      return FaceSample(FramePyramid(frame), [face], through: window, side: 100, fill: .zero)
    }
    #expect(sample(80).faces.count == 1 && sample(80).ignored.isEmpty)
    #expect(sample(140).faces.isEmpty && sample(140).ignored.count == 1)
    #expect(sample(180).faces.isEmpty && sample(180).ignored.isEmpty)
    #expect(sample(80, scale: 12).faces.isEmpty && sample(80, scale: 12).ignored.count == 1)
    face.isCertain = false
    #expect(sample(80).faces.isEmpty && sample(80).ignored.count == 1)
  }

  @Test("the same generator gives the same sample; faces lie within it")
  func reproducible() throws {
    let (frame, face) = Self.picture()
    let picture = AnnotatedPicture(file: "a", width: 200, height: 160, input: "a", faces: [face])
    func draw(_ seed: UInt64) -> FaceSample {
      var generator = SeededGenerator(seed: seed)
      return FaceSampleDrawing(side: 128).sample(from: [picture], using: &generator) { _ in FramePyramid(frame) }
    }
    var faces = 0
    for seed in 0..<40 as Range<UInt64> {
      let sample = draw(seed)
      #expect(sample.frame.width == 128 && sample.frame.height == 128)
      #expect(sample.frame == draw(seed).frame && sample.faces == draw(seed).faces)
      for face in sample.faces {
        faces += 1
        #expect((0...128).contains(face.box.centerX) && (0...128).contains(face.box.centerY))
        #expect((face.box.width * face.box.height).squareRoot() >= FaceSampleDrawing.leastFace)
      }
    }
    #expect(faces > 40)
    #expect(draw(1).frame != draw(2).frame)
  }

  @Test("an input's pictures are on one side of the split, however many inputs there are")
  func split() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "faces-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    func write(_ inputs: Int) throws -> FaceSet {
      let lines = (0..<inputs).flatMap { input in
        (0..<3).map {
          AnnotatedPicture(file: "\(input)-\($0).jpg", width: 9, height: 9, input: "clip\(input).mp4", faces: [])
        }
      }
      try Data(lines.flatMap { try JSONEncoder().encode($0) + [10] }).write(
        to: folder.appending(path: FaceSet.indexName))
      return try FaceSet(folder: folder.path)
    }
    let (small, large) = (try write(200), try write(400))
    func inputs(_ set: FaceSet) -> Set<String> {
      Set(set.split(validation: 0.1).validation.map { set.pictures[$0].input })
    }
    let parts = large.split(validation: 0.1)
    #expect(parts.training.count + parts.validation.count == 1200)
    #expect(Set(parts.training.map { large.pictures[$0].input }).isDisjoint(with: inputs(large)))
    #expect((20...60).contains(inputs(large).count))
    #expect(inputs(small) == inputs(large).filter { Int($0.dropFirst(4).dropLast(4)) ?? 0 < 200 })
  }
}
