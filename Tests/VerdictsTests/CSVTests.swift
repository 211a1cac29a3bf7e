import Files
import Testing

@testable import Verdicts

@Suite("Manifest CSV")
struct CSVTests {
  @Test("the columns and their order")
  func columns() {
    #expect(
      String(decoding: ManifestCSV.table.csvHeading, as: UTF8.self)
        == "path,pathBytes,verdict,score,reason,message,tracks,framesAsked,framesDecoded,framesWithFaces,durationSeconds,"
        + "segmentsMs,warnings,sizeBytes,mtime,sha256,thresholdReal,thresholdFake,model,modelSha256,detector,decoder,"
        + "settingsHash,perturbation,cleanScore,perturbedScore,marginLevels,recompressedLowest,recompressedHighest,"
        + "recompressedTurns,perturbedInput,secondOpinion,root,videoTracks,dynamicRange,deinterlacedFrames,"
        + "framesLowQuality\r\n"
    )
  }

  @Test("a manifest row has the flat columns in order")
  func manifestRow() throws {
    let record = try Examples.judged("=cmd,1.mp4", [Examples.track(1, [3, 3])])
    let row = String(decoding: ManifestCSV.table.csvLine(record), as: UTF8.self)
    #expect(row.hasPrefix("\"'=cmd,1.mp4\",,fake,0.952574,,,1,16,16,12,10.000000,0-100,,123456,2023-11-14T22:13:20"))
  }

  @Test("a submission has one number per video, and none without a verdict")
  func submission() throws {
    let records = [try Examples.judged("d/a.mp4", [Examples.track(1, [0, 0])]), Examples.failed("d/-b.mp4")]
    let plain = SubmissionCSV(paths: records.map(\.source.path), missingLabel: nil)
    #expect(records.map { String(decoding: plain.row($0), as: UTF8.self) } == ["a.mp4,0.500000\r\n", "-b.mp4,\r\n"])
    let filled = SubmissionCSV(paths: records.map(\.source.path), missingLabel: 0.5)
    #expect(String(decoding: filled.row(records[1]), as: UTF8.self) == "-b.mp4,0.500000\r\n")
  }

  @Test("file names that several folders share keep their folders")
  func sharedNames() throws {
    let records = ["x/a.mp4", "y/a.mp4", "y/b.mp4"].map { Examples.failed(VideoPath($0)) }
    let submission = SubmissionCSV(paths: records.map(\.source.path), missingLabel: nil)
    #expect(
      records.map { String(decoding: submission.row($0), as: UTF8.self) }
        == ["x/a.mp4,\r\n", "y/a.mp4,\r\n", "b.mp4,\r\n"])
  }
}
