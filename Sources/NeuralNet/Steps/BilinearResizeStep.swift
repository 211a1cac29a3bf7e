import Compute

/// Pictures in another size, each element a mixture of the four around its place.
final class BilinearResizeStep: Step {
  let needs = StepNeeds()
  private let input: Shape
  private let output: Shape
  private let rows: [(first: Int, second: Int, share: Float)]
  private let columns: [(first: Int, second: Int, share: Float)]

  init(_ settings: ResizeSettings, input x: Shape, output y: Shape) {
    input = x
    output = y
    let vertical = ResizeAxis(input: x[2], output: y[2], settings, isHeight: true)
    let horizontal = ResizeAxis(input: x[3], output: y[3], settings, isHeight: false)
    rows = (0..<y[2]).map(vertical.neighbours)
    columns = (0..<y[3]).map(horizontal.neighbours)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    forEachMixture { target, sources, shares in
      let y = memory.output + target
      let x = memory.inputs[0]
      for c in 0..<input[1] {
        let top = shares.0 * x[sources.0 + c] + shares.1 * x[sources.1 + c]
        y[c] = top + shares.2 * x[sources.2 + c] + shares.3 * x[sources.3 + c]
      }
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    dx.update(repeating: 0, count: input.count)
    forEachMixture { target, sources, shares in
      for c in 0..<input[1] {
        let slope = dy[target + c]
        dx[sources.0 + c] += shares.0 * slope
        dx[sources.1 + c] += shares.1 * slope
        dx[sources.2 + c] += shares.2 * slope
        dx[sources.3 + c] += shares.3 * slope
      }
    }
  }

  /// Calls `body` with the start of every output element's channels, those of its four sources, and their shares.
  private func forEachMixture(_ body: (Int, (Int, Int, Int, Int), (Float, Float, Float, Float)) -> Void) {
    let channels = input[1]
    for n in 0..<input[0] {
      for row in rows.indices {
        let (top, bottom, down) = rows[row]
        for column in columns.indices {
          let (left, right, across) = columns[column]
          func source(_ row: Int, _ column: Int) -> Int { ((n * input[2] + row) * input[3] + column) * channels }
          body(
            ((n * output[2] + row) * output[3] + column) * channels,
            (source(top, left), source(top, right), source(bottom, left), source(bottom, right)),
            ((1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across))
        }
      }
    }
  }
}
