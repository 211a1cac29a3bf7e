import CVectorLoops

/// Fully connected layer forward, `y = relu(x·Wᵀ + b)`, with packed weights.
///
/// The result of a row is bit-identical for any number of rows and any other rows. The matrix products of oneDNN and
/// OpenBLAS split sums depending on the number of rows.
public struct LinearForward: ~Copyable {
  /// Scratch memory of `run`, in bytes.
  public let scratchBytes: Int
  private let rows: Int
  private let inputs: Int
  private let outputs: Int
  private let relu: Bool
  /// Outputs in panels of 16, `[panels, inputs, 16]`; the last panel is zero-padded.
  private let weights: AlignedStorage
  /// `[panels, 16]`.
  private let bias: AlignedStorage

  private static let panelWidth = 16

  public init(rows: Int, inputs: Int, outputs: Int, relu: Bool) {
    self.rows = rows
    self.inputs = inputs
    self.outputs = outputs
    self.relu = relu
    let padded = (outputs + Self.panelWidth - 1) / Self.panelWidth * Self.panelWidth
    weights = AlignedStorage(repeating: 0, count: padded * inputs)
    bias = AlignedStorage(repeating: 0, count: padded)
    scratchBytes = rows * Self.panelWidth * MemoryLayout<Float>.stride
  }

  /// Loads the weights `[outputs, inputs]` and the bias `[outputs]` (nil: zeros).
  public func load(weight: Tensor, bias: Tensor?) {
    weight.withFloats { source in
      for output in 0..<outputs {
        let (panel, lane) = output.quotientAndRemainder(dividingBy: Self.panelWidth)
        let row = source.start + output * inputs
        let target = weights.base + panel * inputs * Self.panelWidth + lane
        for input in 0..<inputs { target[input * Self.panelWidth] = row[input] }
      }
    }
    if let bias {
      bias.withFloats { _ = self.bias.floats.update(fromContentsOf: $0) }
    } else {
      self.bias.floats.update(repeating: 0)
    }
  }

  /// - Parameters:
  ///   - x: `[rows, inputs]`.
  ///   - y: `[rows, outputs]`, written.
  ///   - scratch: `scratchBytes`, 64-byte aligned.
  public func run(x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer) {
    let sums = scratch.assumingMemoryBound(to: Float.self)
    for first in stride(from: 0, to: outputs, by: Self.panelWidth) {
      for row in 0..<rows {
        (sums + row * Self.panelWidth).update(from: bias.base + first, count: Self.panelWidth)
      }
      var panel = LinearPanel(weights: weights.base + first * inputs, inputs: inputs)
      linear_panel(&panel, x, sums, rows)
      VectorKernels.copyRows(
        from: sums, stride: Self.panelWidth, to: y + first, stride: outputs, rows: rows,
        columns: min(Self.panelWidth, outputs - first))
    }
    if relu { VectorKernels.relu(y, into: y, count: rows * outputs) }
  }
}
