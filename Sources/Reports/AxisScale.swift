import Foundation

/// The mapping of an axis from values to positions, with its ticks.
public struct AxisScale: Sendable, Hashable {
  public enum Kind: Sendable, Hashable { case linear, logarithmic }

  public let kind: Kind
  public let range: ClosedRange<Double>

  /// - Precondition: the range is finite and not empty; positive for a logarithmic scale.
  public init(_ range: ClosedRange<Double>, _ kind: Kind = .linear) {
    precondition(range.lowerBound.isFinite && range.upperBound.isFinite, "an axis of \(range)")
    precondition(range.lowerBound < range.upperBound, "an axis of \(range) has no length")
    precondition(kind == .linear || range.lowerBound > 0, "a logarithmic axis of \(range)")
    self.kind = kind
    self.range = range
  }

  /// The smallest scale with round limits that contains all `values`; of length 1 if all are equal, and 0…1 without
  /// any.
  public init(covering values: [Double], _ kind: Kind = .linear) {
    let usable = values.filter { $0.isFinite && (kind == .linear || $0 > 0) }
    guard let low = usable.min(), let high = usable.max() else {
      self.init(kind == .linear ? 0...1 : 0.1...1, kind)
      return
    }
    if kind == .logarithmic {
      let ends = (pow(10, floor(log10(low))), pow(10, ceil(log10(high))))
      self.init(ends.0...(ends.0 < ends.1 ? ends.1 : ends.0 * 10), kind)
    } else {
      let (from, to) = low < high ? (low, high) : (low - 0.5, high + 0.5)
      let step = Self.step(to - from)
      self.init((from / step).rounded(.down) * step...(to / step).rounded(.up) * step, kind)
    }
  }

  /// Position of a value, 0 at the lower and 1 at the upper end; values outside are clamped.
  public func fraction(_ value: Double) -> Double {
    let place =
      switch kind {
      case .linear: (value - range.lowerBound) / (range.upperBound - range.lowerBound)
      case .logarithmic:
        value > 0 ? log(value / range.lowerBound) / log(range.upperBound / range.lowerBound) : 0
      }
    return min(max(place, 0), 1)
  }

  /// Tick values in ascending order, with their labels.
  public var ticks: [(value: Double, label: String)] {
    switch kind {
    case .linear:
      let step = Self.step(range.upperBound - range.lowerBound)
      let first = (range.lowerBound / step - 1e-9).rounded(.up)
      let last = (range.upperBound / step + 1e-9).rounded(.down)
      let decimals = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
      return stride(from: first, through: last, by: 1).map {
        ($0 * step, String(format: "%.\(decimals)f", $0 == 0 ? 0 : $0 * step))
      }
    case .logarithmic:
      let first = Int((log10(range.lowerBound) - 1e-9).rounded(.up))
      let last = Int((log10(range.upperBound) + 1e-9).rounded(.down))
      return (first...max(first, last)).map { (pow(10, Double($0)), Self.powerLabel($0)) }
    }
  }

  /// 1, 2 or 5 times a power of ten, for about five steps.
  private static func step(_ length: Double) -> Double {
    let power = pow(10, floor(log10(length / 5)))
    return [1, 2, 5, 10].map { $0 * power }.last { length / $0 >= 4 - 1e-9 } ?? power
  }

  private static func powerLabel(_ exponent: Int) -> String {
    if (0...4).contains(exponent) { return String(Int(pow(10, Double(exponent)))) }
    return (-3..<0).contains(exponent) ? String(format: "%.\(-exponent)f", pow(10, Double(exponent))) : "1e\(exponent)"
  }
}
