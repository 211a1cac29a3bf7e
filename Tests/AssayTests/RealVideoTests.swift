import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("Real videos", .heavy)
struct RealVideoTests {
  @Test(
    "a face is found in at least 90 % of the frames of every video that shows one",
    .enabled(if: SharedData.ffppVideos != nil, "there are no real videos beside the package"))
  func faces() throws {
    let films = try #require(SharedData.ffppVideos)
    let output = ScratchFolder()
    #expect(try AssayProgram.run(["scan", "-o", output.path, "--frames", "10"] + films).code == 0)
    let videos = try AssayProgram.manifest(in: output.path).videos
    #expect(videos.count == films.count)
    for video in videos {
      #expect(video.content.frames.decoded == 10, "\(video.source.path.text)")
      #expect(video.content.frames.withFaces >= 9, "\(video.source.path.text)")
      #expect(video.warnings.isEmpty)
    }
  }
}
