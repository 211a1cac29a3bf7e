import Foundation
import FoundationXML
import Testing

@testable import Reports

@Suite("Plots are valid SVG")
struct PlotTests {
  /// Names and attributes of all elements; nil when the text is no XML.
  private final class Reader: NSObject, XMLParserDelegate {
    var elements: [(name: String, attributes: [String: String])] = []
    var texts: [String] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      elements.append((name, attributes))
      texts.append("")
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { texts[texts.count - 1] += string }
  }

  private func read(_ svg: String) throws -> Reader {
    let reader = Reader()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(parser.parserError.map(String.init(describing:)) ?? "")")
    reader.texts = reader.texts.map { $0.trimmingCharacters(in: .newlines) }
    return reader
  }

  @Test("a ROC curve connects the corners, and its title has the area")
  func roc() throws {
    let plot = DetectorPlots.roc([(0, 0), (0.25, 0.5), (1, 1)], auc: 0.625)
    let svg = try read(plot.svg(width: 560, height: 420))
    let curve = try #require(svg.elements.first { $0.name == "polyline" && $0.attributes["stroke"] == "#0072b2" })
    #expect(curve.attributes["points"] == "62,368 182,202 542,36")
    #expect(svg.texts.contains("ROC, AUC 0.625"))
  }

  @Test("bar heights are fractions")
  func bars() throws {
    let plot = DetectorPlots.scores(real: [3, 1], fake: [0, 4], thresholds: (0.4, 0.6))
    let svg = try read(plot.svg(width: 560, height: 420))
    let bars = svg.elements.filter {
      $0.name == "rect" && $0.attributes["stroke"] != nil && $0.attributes["height"] != "11"
    }
    let heights = bars.compactMap { $0.attributes["height"].flatMap(Double.init) }
    #expect(heights.count == 3)
    #expect(abs(heights[0] / heights[1] - 3) < 0.01 && abs(heights[2] / heights[0] - 4.0 / 3) < 0.01)
    #expect(svg.texts.contains("none below") && svg.texts.contains("fake from"))
  }

  @Test("untrusted text never becomes markup")
  func hostileText() throws {
    let hostile = "</text><script>x</script> & \"'\u{1B}[0m\u{0}"
    var plot = Plot(title: hostile, xLabel: hostile, yLabel: "y", x: AxisScale(0...1), y: AxisScale(0...1))
    plot.series = [Plot.Series(hostile, [(0, 0), (1, 1)]), Plot.Series("b", [(0, 1), (1, 0)])]
    let svg = try read(plot.svg())
    #expect(!svg.elements.contains { $0.name == "script" })
    #expect(svg.texts.contains { $0.hasPrefix("</text><script>") && $0.hasSuffix("\u{FFFD}[0m\u{FFFD}") })
  }

  @Test("values that are not finite interrupt a curve")
  func gaps() throws {
    var plot = Plot(title: "gaps", xLabel: "x", yLabel: "y", x: AxisScale(0...4), y: AxisScale(0...1))
    plot.series = [Plot.Series("a", [(0, 0), (1, 1), (2, .nan), (3, 0), (4, 1)])]
    let curves = try read(plot.svg()).elements.filter { $0.name == "polyline" }
    #expect(curves.count == 2)
  }

  @Test("adjacent curves also differ in dashes, for greyscale prints")
  func dashes() {
    for index in 0..<7 { #expect(PlotStyle.stroke(index).dashes != PlotStyle.stroke(index + 1).dashes) }
  }
}
