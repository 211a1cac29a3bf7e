import Imaging
import TestSupport
import Testing

@testable import Media

@Suite("Sampling a video that is coded once more")
struct RecompressionTests {
  private struct Sample {
    var frame: SampledFrame
    var picture: Frame
  }

  private func sample(_ name: String, _ recompression: Recompression?) throws -> (
    samples: [Sample], report: SampleReport
  ) {
    try withDescriptor(try Clip.named(name)) { descriptor in
      var samples: [Sample] = []
      let report = try VideoReader(descriptor: descriptor).sample(5, recompressed: recompression) { picture, frame in
        samples.append(Sample(frame: frame, picture: try picture.pixels(of: picture.bounds)))
      }
      return (samples, report)
    }
  }

  @Test(
    "gives the same frames, coarser with a coarser factor", arguments: ["b-pyramid.mp4", "ten-bit.mkv", "slides.mkv"])
  func sameFrames(_ name: String) throws {
    let plain = try sample(name, nil)
    var losses: [Double] = []
    for crf in [10, 40] {
      let coded = try sample(name, Recompression(crf: crf))
      #expect(coded.samples.map(\.frame) == plain.samples.map(\.frame))
      #expect(coded.report.decoded == 5 && coded.report.asked == 5 && coded.report.decodeErrors == 0)
      losses.append(
        try zip(coded.samples, plain.samples).map { new, old in
          try #require(new.picture.difference(from: old.picture)).mean
        }.reduce(0, +))
    }
    #expect(losses[0] > 0 && losses[0] < losses[1])
    #expect(losses[0] < 5 * 6)
  }

  @Test("half the size is half the picture")
  func halfSize() throws {
    let plain = try sample("b-pyramid.mp4", nil)
    let half = try sample("b-pyramid.mp4", Recompression(crf: 10, isHalfSize: true))
    #expect(half.samples.map(\.frame) == plain.samples.map(\.frame))
    for (new, old) in zip(half.samples, plain.samples) {
      #expect(new.picture.width == 96 && new.picture.height == 72)
      let reduced = old.picture.resized(width: 96, height: 72)
      #expect(try #require(new.picture.difference(from: reduced)).mean < 8)
    }
  }

  /// The sum of the frames' differences from those of a clip that is not coded once more.
  private func loss(_ way: Recompression) throws -> Double {
    let plain = try sample("b-pyramid.mp4", nil)
    let coded = try sample("b-pyramid.mp4", way)
    #expect(coded.samples.map(\.frame) == plain.samples.map(\.frame) && coded.report.decoded == 5)
    return try zip(coded.samples, plain.samples).map { new, old in
      try #require(new.picture.difference(from: old.picture)).mean
    }.reduce(0, +)
  }

  @Test("several codings in a row give the same frames, with more loss the more often")
  func inARow() throws {
    let once = Recompression(crf: 32)
    let (one, two) = (try loss(once), try loss(Recompression(crf: 32, then: [once])))
    #expect(one > 0 && two > one)
  }

  @Test(
    "H.265 gives the same frames, with more loss the coarser it is",
    .enabled(if: VideoCodec.h265.isAvailable, "this FFmpeg has no libx265"))
  func h265() throws {
    let (fine, coarse) = (
      try loss(Recompression(crf: 12, codec: .h265)), try loss(Recompression(crf: 44, codec: .h265))
    )
    #expect(fine > 0 && fine < coarse)
  }

  @Test("our own pictures come back from a film, all of them, in their size", arguments: VideoCodec.allCases)
  func ownPictures(_ codec: VideoCodec) throws {
    guard codec.isAvailable else { try Test.cancel("this FFmpeg cannot code \(codec.title)") }
    let pictures = (0..<5).map { index in
      let pixels = (0..<(64 * 48 * 3)).map { place in
        UInt8((place / 3 % 64) * 3 + (place / 192) + index * 2)
      }
      return Frame(width: 64, height: 48, pixels: pixels)
    }
    func loss(_ way: Recompression) throws -> Double {
      let back = try videoRoundTrip(of: pictures, way)
      #expect(back.count == 5 && back.allSatisfy { $0.width == 64 && $0.height == 48 })
      return try zip(back, pictures).map { try #require($0.difference(from: $1)).mean }.reduce(0, +)
    }
    let fine = try loss(Recompression(crf: 8, codec: codec))
    #expect(fine < 5 * 3)
    #expect(try loss(Recompression(crf: 48, codec: codec)) > fine)
    #expect(try loss(Recompression(crf: 8, isHalfSize: true, codec: codec)) > fine)
  }

  @Test(
    "groups hold the frames before and behind a sampled one, none twice, and begin anew where there is a gap",
    arguments: [
      ([20], Array(12...23), [12]), ([2, 40], Array(0...5) + Array(32...43), [0, 32]),
      ([10, 14], Array(2...17), [2]), ([10, 22], Array(2...25), [2]), ([99], Array(91...99), [91]),
    ])
  func groups(sampled: [Int], frames: [Int], starts: [Int]) {
    // Packets are called by other numbers than places, as they are where frames are reordered.
    let groups = FrameGroups(shown: (0..<100).map { $0 * 7 % 101 }, around: sampled.map { $0 * 7 % 101 })
    #expect(groups.frames == frames.map { $0 * 7 % 101 })
    #expect(groups.starts == Set(starts.map { $0 * 7 % 101 }))
  }
}
