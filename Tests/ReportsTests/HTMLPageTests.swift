import Foundation
import Reports
import Testing

@Suite("Pages are self-contained and without scripts")
struct HTMLPageTests {
  @Test("text is escaped, plots and pictures are embedded")
  func page() throws {
    var page = HTMLPage(title: "<b>Mistakes</b>", summary: "of a & b")
    var section = HTMLPage.Section("Worst")
    section.paragraphs = ["one <i>", "two"]
    section.tables = [HTMLPage.Table(heading: ["name", "score"], rows: [["x<y", "0.9"], ["z", ""]])]
    section.plots = [Plot(title: "t", xLabel: "x", yLabel: "y", x: AxisScale(0...1), y: AxisScale(0...1)).svg()]
    section.pictures = [.init(png: [1, 2, 3], caption: "a\"><script>")]
    page.sections = [section, HTMLPage.Section("Empty")]
    let html = try page.html()
    #expect(html.contains("<h1>&lt;b&gt;Mistakes&lt;/b&gt;</h1>"))
    #expect(html.contains("<td data-heading=\"name\" class=\"words\">x&lt;y</td><td data-heading=\"score\">0.9</td>"))
    #expect(html.contains("<p>one &lt;i&gt;</p>"))
    #expect(html.contains("<svg xmlns"))
    #expect(html.contains("src=\"data:image/png;base64,AQID\""))
    #expect(!html.contains("<script"))
    #expect(html.components(separatedBy: "class=\"pictures\"").count == 2)
  }

  @Test("a technical term is explained once, in the first part that uses it")
  func terms() throws {
    var page = HTMLPage(title: "Measured", summary: "On 3 things.")
    var first = HTMLPage.Section("Figures")
    first.tables = [HTMLPage.Table(heading: ["FIGURE", "VALUE"], rows: [["AUC", "0.9"], ["F1", "0.8"]])]
    var second = HTMLPage.Section("Again")
    second.paragraphs = ["The AUC and the ROC."]
    page.sections = [first, second]
    let parts = try page.html().components(separatedBy: "<section>")
    #expect(!parts[0].contains("<dl class=\"terms\">"))
    #expect(parts[1].contains("<dt>AUC</dt><dd>the chance that a fake") && parts[1].contains("<dt>F1</dt>"))
    #expect(parts[2].contains("<dt>ROC</dt>") && !parts[2].contains("<dt>AUC</dt>"))
    // Parts of words are no terms.
    #expect(!parts.joined().contains("<dt>source</dt>") && !parts.joined().contains("<dt>recall</dt>"))
  }
}
