/// A plot of curves and bars over two axes, drawn as a standalone SVG document.
public struct Plot: Sendable {
  /// One curve.
  public struct Series: Sendable {
    public enum Shape: Sendable { case line, points, linesAndPoints }

    public var name: String
    /// Non-finite values interrupt the curve.
    public var points: [(x: Double, y: Double)]
    public var shape: Shape
    /// Lower and upper ends of the interval at each point; empty without intervals.
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

  /// A set of bars over the bins of the x axis, beside the other sets.
  public struct Bars: Sendable {
    public var name: String
    /// One height per bin between adjacent `edges`.
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
  /// Bin edges of `bars` in ascending order of x.
  public var edges: [Double] = []
  public var bars: [Bars] = []
  /// A thin reference line between two points, for example chance or perfect calibration.
  public var reference: [(x: Double, y: Double)] = []
  /// Labelled vertical lines, for example thresholds.
  public var marks: [(x: Double, name: String)] = []

  public init(title: String, xLabel: String, yLabel: String, x: AxisScale, y: AxisScale) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.x = x
    self.y = y
  }

  /// The plot as the text of an SVG file.
  ///
  /// - Precondition: each set of bars has one height per bin.
  public func svg(width: Int = 560, height: Int = 420) -> String {
    PlotDrawing(self, width: width, height: height).document()
  }
}
