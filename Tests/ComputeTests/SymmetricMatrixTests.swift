import Compute
import Testing

@Suite("Linear algebra of symmetric matrices")
struct SymmetricMatrixTests {
  /// `b · bᵀ + n · 1`, positive definite.
  private static func matrix(_ n: Int) -> [Double] {
    var generator = SeededGenerator(seed: 5)
    let b = (0..<(n * n)).map { _ in Double(generator.normal()) }
    var a = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<n { a[i * n + j] += b[i * n + k] * b[j * n + k] }
        if i == j { a[i * n + j] += Double(n) }
      }
    }
    return a
  }

  private static func product(_ a: [Double], _ x: [Double]) -> [Double] {
    x.indices.map { row in x.indices.reduce(0) { $0 + a[row * x.count + $1] * x[$1] } }
  }

  @Test("a solution gives the right side again", arguments: [1, 2, 7, 30])
  func solution(_ n: Int) throws {
    let a = Self.matrix(n)
    let b = (0..<n).map { Double($0) - 3.5 }
    for (found, wanted) in zip(Self.product(a, try SymmetricMatrix.solve(a, b)), b) {
      #expect(abs(found - wanted) < 1e-9)
    }
  }

  @Test("an inverse times its matrix is the identity", arguments: [1, 2, 7, 30])
  func inverse(_ n: Int) throws {
    let a = Self.matrix(n)
    let inverse = try SymmetricMatrix.inverse(a, rows: n)
    for column in 0..<n {
      let product = Self.product(a, (0..<n).map { inverse[$0 * n + column] })
      for row in 0..<n { #expect(abs(product[row] - (row == column ? 1 : 0)) < 1e-9) }
    }
    #expect(throws: ComputeError.lapack(call: "dpotrf", status: 2)) {
      try SymmetricMatrix.inverse([1, 2, 2, 1], rows: 2)
    }
  }

  @Test("a matrix that is not positive definite is refused")
  func indefinite() {
    #expect(throws: ComputeError.lapack(call: "dposv", status: 2)) { try SymmetricMatrix.solve([1, 2, 2, 1], [1, 1]) }
  }

  @Test("eigenvectors are stretched by their eigenvalues, largest first, and stand at right angles")
  func eigenvectors() throws {
    let (n, count) = (12, 5)
    let a = Self.matrix(n)
    let (values, vectors) = try SymmetricMatrix.largestEigenvectors(of: a, rows: n, count: count)
    #expect(values == values.sorted(by: >))
    // The trace bounds them all; the largest is at least the mean.
    let trace = (0..<n).reduce(0) { $0 + a[$1 * n + $1] }
    #expect(values[0] >= trace / Double(n) && values.reduce(0, +) < trace)
    for index in 0..<count {
      let vector = Array(vectors[(index * n)..<((index + 1) * n)])
      for (stretched, element) in zip(Self.product(a, vector), vector) {
        #expect(abs(stretched - values[index] * element) < 1e-9)
      }
      for other in 0...index {
        let product = (0..<n).reduce(0) { $0 + vector[$1] * vectors[other * n + $1] }
        #expect(abs(product - (other == index ? 1 : 0)) < 1e-9)
      }
    }
  }
}
