import Foundation
import TestSupport
import Testing

@Suite("assay study of videos", .heavy)
struct VideoStudyTests {
  private let folder = ScratchFolder()

  /// Four short films of a drawn person, two of them brighter and called fake.
  private func table() throws -> String {
    let tool = URL(filePath: AssayProgram.path).deletingLastPathComponent().appending(path: "DevTools").path
    let result = try ExternalProgram.run([tool, "draw", folder.path("drawn"), "calm.mp4"])
    try #require(result.code == 0, "\(result.output)")
    var rows = "path,label,group\r\n"
    for (index, brightness) in ["0", "0.1", "0.02", "0.12"].enumerated() {
      let cut = try ExternalProgram.run([
        "ffmpeg", "-v", "error", "-y", "-i", folder.path("drawn/calm.mp4"), "-t", "0.5", "-vf",
        "eq=brightness=\(brightness)", "-c:v", "libx264", "-preset", "veryfast", "-crf", "14",
        folder.path("\(index).mp4"),
      ])
      try #require(cut.code == 0, "\(cut.output)")
      rows += "\(index).mp4,\(index.isMultiple(of: 2) ? "real" : "fake"),\(index)\r\n"
    }
    try folder.write(rows, to: "videos.csv")
    return folder.path("videos.csv")
  }

  private func study(_ yaml: String, _ table: String) throws -> (output: String, page: String, results: String) {
    try folder.write(yaml, to: "study.yaml")
    let result = try AssayProgram.run(
      "study", folder.path("study.yaml"), table, "-o", folder.path("out"), "--models", "paper", "--restart", "-q")
    #expect(result.code == 0, "\(result.output)")
    return (result.output, try folder.text("out/index.html"), try folder.text("out/results.csv"))
  }

  @Test("frames are sampled and aggregated in every way, and codecs change scores and attacks")
  func studies() throws {
    let table = try table()
    let sampling = try study(
      "study: sampling\nsmall:\n  videos: 4\n  frames: [1, 3]\n  aggregations: [trimmed-mean, maximum]\n", table)
    #expect(
      sampling.output.contains("On the 4 videos that have a face at every number of frames (4 sources), 3 frames"))
    #expect(sampling.results.contains("\"3 frames, maximum\",AUC,") || sampling.results.contains("3 frames, maximum"))
    #expect(sampling.page.contains("CPU S PER VIDEO") && sampling.page.contains("No split was named"))

    let codec = try study(
      """
      study: codec
      small:
        videos: 4
        frames: 2
        arms: ["h264:45", "h264:30>h265:45:half"]
        attack: fgsm
        epsilon: 4/255
        steps: 1
        clip: 2
      """, table)
    #expect(codec.output.contains("h264:30>h265:45:half") && codec.output.contains("survives"))
    #expect(codec.results.contains("h264:45,mean distance of score,"))
    let cells = try folder.text("out/cells.jsonl").split(separator: "\n")
    #expect(cells.count == 7)
    #expect(codec.page.contains("Survival of the attack"))
  }
}
