import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("Real videos")
struct RealVideoTests {
  @Test("a face is found in at least 90 % of the frames of every video that shows one")
  func faces() throws {
    guard let films = SharedVideos.some else { return }
    let output = ScratchFolder()
    #expect(try AssayProgram.run("scan", films, "-o", output.path, "--frames", "10").code == 0)
    for video in try AssayProgram.manifest(in: output.path).videos {
      #expect(video.content.frames.decoded == 10, "\(video.source.path.text)")
      #expect(video.content.frames.withFaces >= 9, "\(video.source.path.text)")
      #expect(video.warnings.isEmpty)
    }
  }
}
