/// Draws a plot: grid and axes, bars, curves, and a legend below.
struct PlotDrawing {
  private let plot: Plot
  private var canvas: SVGCanvas
  private let left = 62.0
  private let right: Double
  private let top: Double
  private let bottom: Double

  private let legendColumns: Int

  private static let legendRow = 18.0

  init(_ plot: Plot, width: Int, height: Int) {
    self.plot = plot
    let names = plot.bars.map(\.name) + plot.series.map(\.name)
    legendColumns = names.contains { $0.count > 30 } ? 1 : 2
    let legendRows = names.count > 1 ? Double((names.count + legendColumns - 1) / legendColumns) : 0
    // Labels of marks stand above the curves, between them and the title.
    top = plot.marks.isEmpty ? 36 : 52
    canvas = SVGCanvas(width: width, height: height)
    right = Double(width) - 18
    bottom = Double(height) - 52 - legendRows * Self.legendRow
  }

  func document() -> String {
    var drawing = self
    drawing.drawGrid()
    drawing.drawBars()
    drawing.drawReference()
    for index in plot.series.indices { drawing.draw(plot.series[index], plot.bars.count + index) }
    drawing.drawLegend()
    return drawing.canvas.document(title: plot.title)
  }

  private func place(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    (left + plot.x.fraction(x) * (right - left), bottom - plot.y.fraction(y) * (bottom - top))
  }

  private mutating func drawGrid() {
    canvas.text(plot.title, (left + right) / 2, 22, anchor: .middle, size: 15, bold: true)
    for tick in plot.x.ticks {
      let x = place(tick.value, plot.y.range.lowerBound).x
      canvas.line(x, top, x, bottom, stroke: PlotStyle.grid)
      canvas.text(tick.label, x, bottom + 16, anchor: .middle)
    }
    for tick in plot.y.ticks {
      let y = place(plot.x.range.lowerBound, tick.value).y
      canvas.line(left, y, right, y, stroke: PlotStyle.grid)
      canvas.text(tick.label, left - 6, y + 4, anchor: .end)
    }
    canvas.line(left, bottom, right, bottom, stroke: PlotStyle.axis)
    canvas.line(left, top, left, bottom, stroke: PlotStyle.axis)
    canvas.text(plot.xLabel, (left + right) / 2, bottom + 36, anchor: .middle, size: 13)
    canvas.text(plot.yLabel, 16, (top + bottom) / 2, anchor: .middle, size: 13, isRotated: true)
  }

  private mutating func drawBars() {
    for (index, bars) in plot.bars.enumerated() {
      precondition(bars.heights.count == plot.edges.count - 1, "\(bars.heights.count) bars, \(plot.edges.count) edges")
      for (stretch, height) in bars.heights.enumerated() where height > 0 {
        let from = place(plot.edges[stretch], 0).x
        let to = place(plot.edges[stretch + 1], 0).x
        let width = (to - from) * 0.9 / Double(plot.bars.count)
        let start = from + (to - from) * 0.05 + Double(index) * width
        let y = place(0, height).y
        canvas.rectangle(start, y, width, bottom - y, fill: PlotStyle.stroke(index).colour, stroke: PlotStyle.axis)
      }
    }
  }

  private mutating func drawReference() {
    canvas.path(
      plot.reference.map { place($0.x, $0.y) }, stroke: PlotStyle.reference, width: 1, dashes: [4, 4])
    for mark in plot.marks {
      let x = place(mark.x, plot.y.range.lowerBound).x
      canvas.path([(x, top - 14), (x, bottom)], stroke: PlotStyle.reference, width: 1.5, dashes: [2, 2])
      // All but the last mark have their labels on the left, so that those of close marks do not meet.
      let isLast = !plot.marks.contains { $0.x > mark.x }
      let isRight = isLast ? right - x > 90 || x - left < 90 : x - left < 90
      canvas.text(mark.name, isRight ? x + 3 : x - 3, top - 6, anchor: isRight ? .start : .end, size: 11)
    }
  }

  private mutating func draw(_ series: Plot.Series, _ number: Int) {
    let stroke = PlotStyle.stroke(number)
    for (point, interval) in zip(series.points, series.intervals) {
      let (low, high) = (place(point.x, interval.lower), place(point.x, interval.upper))
      canvas.line(low.x, low.y, high.x, high.y, stroke: stroke.colour, width: 1.5)
      for end in [low, high] { canvas.line(end.x - 4, end.y, end.x + 4, end.y, stroke: stroke.colour, width: 1.5) }
    }
    var run: [(x: Double, y: Double)] = []
    for point in series.points + [(.nan, .nan)] {
      if point.x.isFinite, point.y.isFinite {
        run.append(place(point.x, point.y))
        continue
      }
      if series.shape != .points { canvas.path(run, stroke: stroke.colour, dashes: stroke.dashes) }
      if series.shape != .line {
        for place in run { canvas.circle(place.x, place.y, radius: 3.5, fill: stroke.colour) }
      }
      run = []
    }
  }

  private mutating func drawLegend() {
    let bars = plot.bars.map { ($0.name, true) }
    let entries = bars + plot.series.map { ($0.name, false) }
    guard entries.count > 1 else { return }
    for (index, entry) in entries.enumerated() {
      let x = left + Double(index % legendColumns) * (right - left) / 2
      let y = bottom + 56 + Double(index / legendColumns) * Self.legendRow
      let stroke = PlotStyle.stroke(index)
      if entry.1 {
        canvas.rectangle(x, y - 10, 26, 11, fill: stroke.colour, stroke: PlotStyle.axis)
      } else {
        canvas.path([(x, y - 4), (x + 26, y - 4)], stroke: stroke.colour, dashes: stroke.dashes)
      }
      canvas.text(entry.0, x + 32, y)
    }
  }
}

/// Colour-blind safe colours (Okabe and Ito 2008), each with a dash pattern for greyscale prints.
enum PlotStyle {
  struct Stroke {
    let colour: String
    let dashes: [Double]
  }

  private static let strokes: [Stroke] = [
    Stroke(colour: "#0072b2", dashes: []), Stroke(colour: "#d55e00", dashes: [7, 4]),
    Stroke(colour: "#009e73", dashes: [2, 3]), Stroke(colour: "#cc79a7", dashes: [10, 3, 2, 3]),
    Stroke(colour: "#e69f00", dashes: [14, 5]), Stroke(colour: "#56b4e9", dashes: [4, 2]),
    Stroke(colour: "#222222", dashes: [1, 2]),
  ]

  static let axis = "#222222"
  static let grid = "#dddddd"
  static let reference = "#888888"

  static func stroke(_ index: Int) -> Stroke { strokes[index % strokes.count] }
}
