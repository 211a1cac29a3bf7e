/// One sample clip: what it shows and how its file is special.
public struct SampleClip: Sendable {
  public enum Finish: Sendable, Hashable {
    case plain
    /// Stored lying on its side, with metadata that tells players to turn it clockwise by 90°, as phones do.
    case lying
    /// The file ends after this part of its bytes, 0…1; the index stands in front, so its beginning can be read.
    case cut(at: Double)
  }

  public let name: String
  public let scene: Scene
  public let frameCount: Int
  public let finish: Finish

  public static let all: [SampleClip] = [
    SampleClip(
      name: "calm.mp4",
      scene: Scene(
        width: 640, height: 360,
        people: [.init(look: .ada, x: 0.46, y: 0.46, radius: 0.19, phase: 0)], seed: 101),
      frameCount: 100, finish: .plain),
    SampleClip(
      name: "couple.mp4",
      scene: Scene(
        width: 640, height: 360,
        people: [
          .init(look: .ben, x: 0.27, y: 0.50, radius: 0.17, phase: 0.8),
          .init(look: .cleo, x: 0.72, y: 0.47, radius: 0.18, phase: 3.1),
        ], seed: 202),
      frameCount: 100, finish: .plain),
    SampleClip(
      name: "swapped.mp4",
      scene: Scene(
        width: 640, height: 360,
        people: [
          .init(look: .dan, x: 0.52, y: 0.46, radius: 0.20, phase: 1.7, swap: FaceSwap(donor: .cleo))
        ], seed: 303),
      frameCount: 100, finish: .plain),
    SampleClip(
      name: "portrait.mp4",
      scene: Scene(
        width: 360, height: 640,
        people: [.init(look: .cleo, x: 0.5, y: 0.36, radius: 0.21, phase: 5.2)], seed: 404),
      frameCount: 75, finish: .lying),
    SampleClip(
      name: "empty-room.mp4",
      scene: Scene(width: 640, height: 360, people: [], seed: 505),
      frameCount: 75, finish: .plain),
    SampleClip(
      name: "cut-short.mp4",
      scene: Scene(
        width: 640, height: 360,
        people: [.init(look: .ben, x: 0.55, y: 0.47, radius: 0.19, phase: 2.4)], seed: 606),
      frameCount: 100, finish: .cut(at: 0.6)),
  ]
}
