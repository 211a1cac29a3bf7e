import Foundation
import Metrics
import TestSupport
import Testing

@testable import Runs
@testable import Studies

@Suite("Studies")
struct StudyTests {
  private let folder = ScratchFolder()

  private func options(numbers: [String] = ["1", "2", "3", "4"]) throws -> StudyOptions {
    if !FileManager.default.fileExists(atPath: folder.path("data")) { try folder.write("data", to: "data") }
    var options = StudyOptions("counting", inputs: [folder.path], output: folder.path("out"))
    options.settings = StudySettings(["numbers": numbers, "offset": ["0.5"]])
    options.quiet = true
    return options
  }

  private func run(_ options: StudyOptions) throws -> StudySummary {
    try runStudy(of: CountingStudy.self, options)
  }

  private var ran: [Substring] { get throws { try folder.text("ran").split(separator: "\n") } }

  @Test("a missing column of a finished cell is an error that names both")
  func missingColumn() throws {
    var record = StudyRecord(StudyCell([.number: "3", .arm: "a"]))
    let error = #expect(throws: WorkflowError.self) { try record.column(.digits) }
    #expect(try #require(error).description.contains("number 3, arm a has no column 'digits'"))
    record.set([.digits: [3]])
    #expect(try record.column(.digits) == [3])
    let read = try JSONDecoder().decode(StudyRecord.self, from: JSONEncoder().encode(record))
    #expect(try read.column(.digits) == [3])
  }

  @Test("an interrupted study resumes with the missing cells")
  func resumes() throws {
    let options = try options()
    try folder.write("", to: "stop at 3")
    #expect(throws: (any Error).self) { try run(options) }
    #expect(try folder.text("out/cells.jsonl").split(separator: "\n").count == 2)
    #expect(!FileManager.default.fileExists(atPath: folder.path("out/index.html")))
    try FileManager.default.removeItem(atPath: folder.path("stop at 3"))
    let summary = try run(options)
    #expect(try ran == ["1", "2", "3", "4"])
    #expect(summary.findings?.answer == "Up to 16.5." && summary.text.contains("4 cells"))
    // A third run has nothing left to do, and says the same.
    #expect(try run(options).text == summary.text)
    #expect(try ran.count == 4)
  }

  @Test("a truncated or damaged last line affects its own cell only")
  func damagedLine() throws {
    let options = try options()
    _ = try run(options)
    let path = folder.path("out/cells.jsonl")
    let whole = try folder.text("out/cells.jsonl")
    for damaged in [String(whole.dropLast(9)), String(whole.dropLast(9)) + "}}\n", whole + "{\"cell\":"] {
      try Data(damaged.utf8).write(to: URL(filePath: path))
      let summary = try run(options)
      #expect(summary.findings?.figures.map(\.value) == [1.5, 4.5, 9.5, 16.5])
      #expect(try folder.text("out/cells.jsonl").split(separator: "\n").count == 4)
    }
    #expect(try ran == ["1", "2", "3", "4", "4", "4"])
  }

  @Test("other settings, data or seeds are refused by name, until --restart")
  func mismatch() throws {
    var options = try options()
    _ = try run(options)
    func refusal() -> String {
      let error = #expect(throws: WorkflowError.self) { try run(options) }
      return error?.description ?? ""
    }
    options.settings.values["offset"] = ["2"]
    #expect(refusal().contains("offset was 0.5, is 2") && refusal().contains("--restart"))
    options.settings.values["offset"] = ["0.5"]
    options.seed = 7
    #expect(refusal().contains("seed was 1, is 7"))
    options.seed = 1
    try folder.write("other data", to: "data")
    #expect(refusal().contains("data was") && !refusal().contains("seed"))
    options.restart = true
    #expect(try run(options).findings?.answer == "Up to 16.5.")
    #expect(try ran.count == 8)
    options.restart = false
    #expect(try run(options).cells == 4)
  }

  @Test("files that do not belong to a study are neither removed nor used", arguments: [false, true])
  func foreign(restart: Bool) throws {
    var options = try options()
    options.restart = restart
    func refusal() -> String {
      let error = #expect(throws: WorkflowError.self) { try run(options) }
      return error?.description ?? ""
    }
    try FileManager.default.createDirectory(atPath: folder.path("out/work"), withIntermediateDirectories: true)
    try folder.write("a novel", to: "out/work/novel")
    #expect(refusal().contains("holds 'work' without the settings.json"))
    try folder.write("{\"editor\": 1}", to: "out/settings.json")
    #expect(refusal().contains("settings.json does not belong to a study"))
    #expect(try folder.text("out/work/novel") == "a novel")
    #expect(try folder.text("out/settings.json").contains("editor"))
  }

  @Test("two sources with the same name are distinguished: both are compared")
  func equalNames() throws {
    var options = try options()
    try FileManager.default.createDirectory(atPath: folder.path("second"), withIntermediateDirectories: true)
    try folder.write("more data", to: "second/data")
    options.inputs.append(folder.path("second"))
    _ = try run(options)
    #expect(try run(options).finished == 4)
    #expect(try ran.count == 4)
    try folder.write("other data", to: "second/data")
    let error = #expect(throws: WorkflowError.self) { try run(options) }
    #expect(error?.description.contains("data (2) was") == true && error?.description.contains("data was") == false)
    options.inputs.removeLast()
    #expect(throws: WorkflowError.self) { try run(options) }
  }

  @Test("missing, unknown and invalid settings are named")
  func settings() throws {
    var options = try options()
    func refusal() -> String {
      let error = #expect(throws: WorkflowError.self) { try run(options) }
      return error?.description ?? ""
    }
    options.settings.values["offset"] = nil
    #expect(refusal().contains("needs the setting 'offset' (what is added)"))
    options.settings.values["offset"] = ["much"]
    #expect(refusal().contains("'offset' takes numbers from 0.0 to 10.0, not 'much'"))
    options.settings.values["offset"] = ["1/2", "3"]
    #expect(refusal().contains("'offset' takes one value"))
    options.settings.values["offset"] = ["1/2"]
    options.settings.values["ofset"] = ["1"]
    #expect(refusal().contains("no setting 'ofset'; it has numbers, offset"))
    options.settings.values["ofset"] = nil
    #expect(try run(options).findings?.figures.first?.value == 1.5)
  }

  @Test("the folder contains settings with hashes, both tables, plots and the page")
  func files() throws {
    let summary = try run(try options())
    let names = Set(try FileManager.default.contentsOfDirectory(atPath: folder.path("out")))
    #expect(
      names.isSuperset(of: ["settings.json", "cells.jsonl", "cells.csv", "results.csv", "squares.svg", "index.html"]))
    let identity = try JSONDecoder().decode(
      StudyIdentity.self, from: Data(folder.text("out/settings.json").utf8))
    #expect(identity.seed == 1 && identity.assayVersion == assayVersion && identity.machine.cores > 0)
    #expect(identity.sources.map(\.name) == ["data"] && identity.sources[0].sha256.count == 64)
    let cells = try folder.text("out/cells.csv").split(separator: "\r\n")
    #expect(cells[0] == "number,arm,square,wall_seconds")
    #expect(cells.count == 5 && cells[2].hasPrefix("2,\"a,b\",4.500000,"))
    let results = try folder.text("out/results.csv").split(separator: "\r\n")
    #expect(results[0] == "subject,figure,value,lower,upper,count,unit,interval_over")
    #expect(results[1] == "1,square,1.500000,,,1,numbers,sources")
    let page = try folder.text("out/index.html")
    for text in [
      "How much is a number", "Up to 16.5.", "By multiplication.", "Small numbers.", "<svg", "what is added",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(try summary.json().contains("\"answer\" : \"Up to 16.5.\""))
  }

  @Test("resamples are paired: equal results have no difference, whatever the spread")
  func pairing() throws {
    let isFake = (0..<40).map { $0.isMultiple(of: 2) }
    let scores = (0..<40).map { Double(($0 * 37) % 40) + ($0.isMultiple(of: 2) ? 9 : 0) }
    let draws = PairedDraws(sources: (0..<40).map { "source \($0 / 2)" }, resamples: 200)
    let (values, differences) = draws.aucs([scores, scores.map { $0 * 2 }, scores.map { -$0 }], isFake: isFake)
    #expect(draws.sourceCount == 20)
    #expect(values[0] == values[1] && values[0]?.upper ?? 0 > values[0]?.lower ?? 1)
    #expect(differences[1] == Estimate(0, .init(lower: 0, upper: 0)) && differences[1]?.isSignificant == false)
    #expect(differences[2]?.isSignificant == true)
    // Nothing in 20 sources is not nothing for certain.
    let none = try #require(draws.mean([Double](repeating: 0, count: 40)))
    #expect(none.value == 0 && none.lower == 0 && abs((none.upper ?? 0) - 0.161) < 0.001)
    #expect(draws.mean(isFake.map { $0 ? 1 : 0 })?.value == 0.5)
    #expect(Estimate(0.25, .init(lower: 0.1, upper: 0.4)).text(2) == "0.25 [0.10, 0.40]")
  }
}
