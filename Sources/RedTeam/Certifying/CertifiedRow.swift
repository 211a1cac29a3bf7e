package import Files
package import Metrics
package import Reports

/// Certified robustness of a model under randomised smoothing.
package struct CertifiedRow: Sendable, Codable {
  package struct Radius: Sendable, Codable {
    /// ℓ2 radius over a whole crop on the [0, 1] scale.
    package var radius: Double
    /// Fraction of all crops that are classified correctly, provably within the radius.
    package var certifiedAccuracy: Double
    /// 95 % Wilson interval; too narrow, because crops of one source are not independent.
    package var interval: Interval?
  }

  package var model: String
  package var sigma: Double
  package var choosingSamples: Int
  package var samples: Int
  package var alpha: Double
  package var crops: Int
  package var abstained: Int
  /// Over correctly classified crops.
  package var medianRadius: Double?
  package var radii: [Radius]

  /// - Parameter sources: sources of the crops.
  init(
    model: String, _ smoothing: Smoothing, _ items: [(isFake: Bool, certificate: Smoothing.Certificate)], sources: Int
  ) {
    self.model = model
    sigma = smoothing.sigma
    choosingSamples = smoothing.choosingSamples
    samples = smoothing.samples
    alpha = smoothing.alpha
    crops = items.count
    abstained = items.count { $0.certificate.isFake == nil }
    let right = items.filter { $0.certificate.isFake == $0.isFake }.map(\.certificate.radius).sorted()
    medianRadius = right.isEmpty ? nil : right[right.count / 2]
    let greatest = smoothing.greatestRadius
    let steps = Array(stride(from: 0, through: greatest, by: smoothing.sigma / 4))
    radii = steps.map { radius in
      let count = right.count { $0 >= radius }
      return Radius(
        radius: radius, certifiedAccuracy: Double(count) / Double(max(items.count, 1)),
        interval: Interval.wilson(successes: count, trials: items.count, sources: sources))
    }
  }

  /// Rows of the model and one radius each.
  package static let table = Table<(model: CertifiedRow, radius: Radius)>([
    .text("MODEL") { $0.model.model },
    .text("σ") { "\($0.model.sigma)" },
    .text("ℓ2 RADIUS") { fractionText($0.radius.radius) },
    .text("CROPS") { "\($0.model.crops)" },
    .text("CERTIFIED ACC") { fractionText($0.radius.certifiedAccuracy) },
    .text("95 %") { intervalText($0.radius.interval) },
    .text("ABSTAINED") { "\($0.model.abstained)" },
    .text("MEDIAN RADIUS") { fractionText($0.model.medianRadius) },
  ])

  /// What the table shows of the row: every other radius of the curve.
  package var lines: [(model: CertifiedRow, radius: Radius)] {
    stride(from: 0, to: radii.count, by: 2).map { (self, radii[$0]) }
  }

  /// Certified accuracy against radius, one curve per model; nil without a radius above zero.
  package static func plot(_ rows: [CertifiedRow]) -> Plot? {
    guard let greatest = rows.flatMap(\.radii).map(\.radius).max(), greatest > 0 else { return nil }
    var plot = Plot(
      title: "Certified by randomised smoothing", xLabel: "ℓ2 radius", yLabel: "certified accuracy",
      x: AxisScale(0...greatest), y: AxisScale(0...1))
    plot.series = rows.map { row in
      Plot.Series(
        "\(row.model), σ \(row.sigma)", row.radii.map { (x: $0.radius, y: $0.certifiedAccuracy) },
        shape: .linesAndPoints)
    }
    return plot
  }
}
