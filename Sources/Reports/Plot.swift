/// A plot of curves and bars over two axes, drawn as an SVG picture of its own.
public struct Plot: Sendable {
  /// One curve.
  public struct Series: Sendable {
    public enum Shape: Sendable { case line, points, linesAndPoints }

    public var name: String
    /// Values that are not finite interrupt the curve.
    public var points: [(x: Double, y: Double)]
    public var shape: Shape
    /// Lower and upper ends of an interval around each point; empty without intervals.
    public var intervals: [(lower: Double, upper: Double)]

    public init(
      _ name: String, _ points: [(x: Double, y: Double)], shape: Shape = .line,
      intervals: [(lower: Double, upper: Double)] = []
    ) {
      precondition(intervals.isEmpty || intervals.count == points.count, "an interval for each point or for none")
      self.name = name
      self.points = points
      self.shape = shape
      self.intervals = intervals
    }
  }

  /// Bars that stand beside each other over the same stretches of the x axis.
  public struct Bars: Sendable {
    public var name: String
    /// One height for each stretch between two neighbouring `edges`.
    public var heights: [Double]

    public init(_ name: String, heights: [Double]) {
      self.name = name
      self.heights = heights
    }
  }

  public var title: String
  public var xLabel: String
  public var yLabel: String
  public var x: AxisScale
  public var y: AxisScale
  public var series: [Series] = []
  /// Ascending values of x between which `bars` stand.
  public var edges: [Double] = []
  public var bars: [Bars] = []
  /// A thin line between two points, to compare with: chance, or perfect calibration.
  public var reference: [(x: Double, y: Double)] = []
  /// Vertical lines with a name, for example thresholds.
  public var marks: [(x: Double, name: String)] = []

  public init(title: String, xLabel: String, yLabel: String, x: AxisScale, y: AxisScale) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.x = x
    self.y = y
  }

  /// The picture as the text of an SVG file.
  ///
  /// - Precondition: bars have one height for each stretch between edges.
  public func svg(width: Int = 560, height: Int = 420) -> String {
    PlotDrawing(self, width: width, height: height).document()
  }
}
