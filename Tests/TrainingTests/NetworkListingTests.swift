import Foundation
import Models
import NeuralNet
import TestSupport
import Testing

@testable import Runs
@testable import Scoring
@testable import Training

@Suite("Networks listed and shown")
struct NetworkListingTests {
  private struct Listed: Decodable {
    var name: String
    var parameters: Int
    var gflop: Double
  }

  private struct Everything: Decodable {
    var models: [BuiltInModel]
    var networks: [Listed]
  }

  @Test("the list has every architecture with its parameters and GFLOP")
  func list() throws {
    let all = try JSONDecoder().decode(Everything.self, from: Data(listNetworks(asJSON: true).utf8))
    let listed = all.networks
    #expect(all.models.map(\.name) == DetectorModel.builtInNames && all.models[0].parameters ?? 0 > 0)
    #expect(listed.map(\.name) == NetworkCatalog.all.map(\.name))
    let paper = try #require(listed.first)
    #expect(paper.parameters == 27_929)
    // Twice 216·256² + 1600·128² + 3200·64² + 6400·32² + 16·8²·16 + 16.
    #expect(abs(paper.gflop - 0.120_094_752) < 1e-9)
    let table = try listNetworks(asJSON: false)
    for name in NetworkCatalog.all.map(\.name) + ["cbam", "ensemble=N", "standard", "hardened"] {
      #expect(table.contains(name))
    }
  }

  @Test("layers add up to the totals, at the requested size")
  func table() throws {
    let text = try showNetwork("paper-cnn+cbam", inputSize: 64, asJSON: true)
    let table = try JSONDecoder().decode(NetworkTable.self, from: Data(text.utf8))
    #expect(table.input == [3, 64, 64])
    #expect(table.layers.reduce(0) { $0 + $1.parameters } == table.parameters)
    let pool = try #require(table.layers.first { $0.name == "pool4" })
    #expect(pool.type == "maxPool" && pool.output == [16, 2, 2] && pool.parameters == 0)
    let shown = try showNetwork("paper-cnn+cbam", inputSize: 64, asJSON: false)
    #expect(shown.contains("16×2×2") && shown.contains("\(table.parameters) parameters"))
  }

  @Test("a model file is shown with its card, as text and as JSON")
  func modelFile() throws {
    let text = try showNetwork(nil, inputSize: nil, asJSON: false)
    #expect(text.contains("licence") && text.contains("features.0"))
    let json = try JSONSerialization.jsonObject(with: Data(showNetwork(nil, inputSize: nil, asJSON: true).utf8))
    let fields = try #require(json as? [String: Any])
    #expect(fields["card"] != nil && fields["network"] != nil && fields["sha256"] != nil)
  }

  @Test("the figures of a card are printed as Markdown, with their intervals and the day")
  func markdown() throws {
    let text = try modelFigures(at: nil)
    let card = try loadModel(at: nil).detector.card
    let figures = try #require(card.test)
    let rows = text.split(separator: "\n").dropFirst(3)
    #expect(rows.count == figures.count)
    for (row, figure) in zip(rows, figures) {
      #expect(row.hasPrefix("| \(figure.name) | \(String(format: "%.3f", figure.value)) |"))
      if let low = figure.low { #expect(row.contains(String(format: "| %.3f – ", low))) }
    }
    #expect(throws: WorkflowError.self) { try modelFigures(at: "./nowhere.safetensors") }
  }

  @Test("an unknown name is an error that lists the known ones", arguments: ["resnet-19", "./nowhere.safetensors"])
  func unknown(_ name: String) {
    let error = #expect(throws: WorkflowError.self) { try showNetwork(name, inputSize: nil, asJSON: false) }
    #expect(error.map { "\($0)".contains(name) } == true)
  }

  @Test("a model file has its own input size")
  func sizeOfFile() {
    #expect(throws: WorkflowError.self) { try showNetwork(nil, inputSize: 64, asJSON: false) }
  }
}
