import Testing
import Verdicts

@Suite("Video path")
struct VideoPathTests {
  @Test("UTF-8 is exact as text", arguments: ["a.mp4", "ü/日本.mp4", "a\nb", "100%", "-rf", "\u{FFFD}"])
  func valid(_ text: String) {
    let path = VideoPath(text)
    #expect(path.text == text)
    #expect(path.percentEncoded == nil)
  }

  @Test("other bytes are exact percent-encoded")
  func invalid() {
    let path = VideoPath([0x61, 0x2F, 0xFF, 0x25, 0x20, 0xC3])
    #expect(path.percentEncoded == "a/%FF%25%20%C3")
    #expect(VideoPath(percentEncoded: "a/%FF%25%20%C3") == path)
  }

  @Test("every byte survives")
  func everyByte() throws {
    let path = VideoPath((1...255).map { UInt8($0) })
    #expect(VideoPath(percentEncoded: try #require(path.percentEncoded)) == path)
  }

  @Test("invalid encodings are rejected", arguments: ["%", "%4", "%ZZ", "a%f", "%+1"])
  func broken(_ text: String) {
    #expect(VideoPath(percentEncoded: text) == nil)
  }

  @Test("paths sort by bytes, not by alphabet")
  func order() {
    let paths = ["a/b", "a-b", "B", "a", "é", "z"].map { VideoPath($0) }
    #expect(paths.sorted().map(\.text) == ["B", "a", "a-b", "a/b", "z", "é"])
  }

  @Test("the file name is what follows the last slash")
  func fileName() {
    #expect(VideoPath("x/y/z.mp4").fileName == VideoPath("z.mp4"))
    #expect(VideoPath("z.mp4").fileName == VideoPath("z.mp4"))
  }
}
