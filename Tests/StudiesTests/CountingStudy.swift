import Foundation
import Reports

@testable import Studies

extension StudyFactor { static let number = StudyFactor("number") }
extension StudyColumn { static let digits = StudyColumn("digits") }

/// A study whose cells are done at once: each squares a number of its settings, and writes down that it ran.
struct CountingStudy: Study {
  static let about = StudyAbout(
    name: "counting", title: "Counting", question: "How much is a number times itself?", inputs: "FOLDER",
    settings: [.init("numbers", "what is squared"), .init("offset", "what is added")])

  private struct Stopped: Error {}

  let folder: String
  let sources: [StudySource]
  private let numbers: [Int]
  private let offset: Double

  init(_ request: StudyRequest) throws {
    folder = request.inputs.first ?? ""
    numbers = try request.settings.integers("numbers", in: 0...100)
    offset = try request.settings.number("offset", in: 0...10)
    sources = try request.inputs.map { try StudySource(name: "data", path: $0, files: ["\($0)/data"], relativeTo: $0) }
  }

  func cells() -> [StudyCell] { numbers.map { StudyCell([.number: "\($0)", .arm: "a,b"]) } }

  func run(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyRecord? {
    let number = Double(cell[.number]) ?? 0
    if FileManager.default.fileExists(atPath: "\(folder)/stop at \(cell[.number])") { throw Stopped() }
    let ran = "\(folder)/ran"
    let before = (try? String(contentsOfFile: ran, encoding: .utf8)) ?? ""
    try Data((before + cell[.number] + "\n").utf8).write(to: URL(filePath: ran))
    var record = StudyRecord(cell)
    record.values = ["square": number * number + offset]
    record.set([.digits: cell[.number].compactMap { $0.wholeNumberValue.map(Double.init) }])
    return record
  }

  func findings(_ records: [StudyRecord], _ bench: StudyBench) throws -> StudyFindings {
    let squares = records.compactMap { $0.values["square"] }
    var findings = StudyFindings(
      answer: "Up to \(squares.max() ?? 0).", method: ["By multiplication."], limits: ["Small numbers."])
    findings.figures = records.map { record in
      StudyFigure(
        record.cell[.number], "square", Estimate(record.values["square"] ?? 0), count: 1, unit: "numbers")
    }
    findings.tables = [.init(title: "Squares", heading: ["NUMBER"], rows: squares.map { ["\($0)"] })]
    var plot = Plot(title: "Squares", xLabel: "x", yLabel: "y", x: AxisScale(0...1), y: AxisScale(0...1))
    plot.series = [Plot.Series("squares", [(0, 0), (1, 1)])]
    findings.plots = [("squares", plot)]
    return findings
  }
}
