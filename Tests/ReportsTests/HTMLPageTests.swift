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
    #expect(html.contains("<td>x&lt;y</td><td>0.9</td>"))
    #expect(html.contains("<p>one &lt;i&gt;</p>"))
    #expect(html.contains("<svg xmlns"))
    #expect(html.contains("src=\"data:image/png;base64,AQID\""))
    #expect(!html.contains("<script"))
    #expect(html.components(separatedBy: "class=\"pictures\"").count == 2)
  }
}
