import Compute
import Foundation
import NeuralNet
import Testing

@Suite("Kernel ridge regression on principal components")
struct KernelRidgeTests {
  /// Two classes that no plane separates: rings around one centre in the first two of `width` features.
  private static func rings(_ count: Int, width: Int, seed: UInt64) -> (features: Tensor, labels: [Float]) {
    var generator = SeededGenerator(seed: seed)
    var (values, labels): ([Float], [Float]) = ([], [])
    for index in 0..<count {
      let isFake = index.isMultiple(of: 3)
      var point = [generator.normal(), generator.normal()]
      let length = (point[0] * point[0] + point[1] * point[1]).squareRoot()
      let radius: Float = (isFake ? 3 : 1) + 0.2 * generator.normal()
      point = point.map { $0 / length * radius }
      values += point + (2..<width).map { _ in 0.01 * generator.normal() }
      labels.append(isFake ? 1 : 0)
    }
    return (Tensor([count, width], values), labels)
  }

  @Test("classes that are not linearly separable are classified")
  func rings() throws {
    let known = Self.rings(90, width: 2, seed: 1)
    let kernel = try KernelRidge(known.features, labels: known.labels, width: 0.5, ridge: 0.1)
    let new = Self.rings(60, width: 2, seed: 2)
    for (value, label) in zip(kernel.values(new.features), new.labels) { #expect((value > 0) == (label == 1)) }
  }

  @Test("the weights solve (K + ridge) a = y")
  func equations() throws {
    let known = Self.rings(30, width: 3, seed: 4)
    let ridge = 0.2
    let kernel = try KernelRidge(known.features, labels: known.labels, width: 1, ridge: ridge)
    let fitted = kernel.values(known.features)
    for (index, label) in known.labels.enumerated() {
      // 10 of 30 are fake: each weighs three halves, a real one three quarters.
      let own = Float(ridge) * (label == 1 ? 2 / 3 : 4 / 3) * kernel.weights[index]
      #expect(abs(fitted[index] + own - (label == 1 ? 1 : -1)) < 1e-3)
    }
  }

  @Test("leave-group-out predictions equal those of a fit to the other samples")
  func crossFit() throws {
    let known = Self.rings(60, width: 3, seed: 8)
    let sets = [[0], [4, 5, 6, 7], [5, 6, 40, 59], [1, 2, 3]]
    let (kernel, values) = try KernelRidge.crossFit(
      known.features, labels: known.labels, width: 1, ridge: 0.3, withholding: sets)
    let plain = try KernelRidge(known.features, labels: known.labels, width: 1, ridge: 0.3)
    for (one, other) in zip(kernel.weights.values, plain.weights.values) { #expect(abs(one - other) < 1e-4) }
    for (set, values) in zip(sets, values) {
      // The same equations without the set's rows and columns, written out.
      let kept = (0..<60).filter { !set.contains($0) }
      func similarity(_ i: Int, _ j: Int) -> Double {
        let distance = (0..<3).reduce(Float(0)) { sum, k in
          let difference = known.features[i * 3 + k] - known.features[j * 3 + k]
          return sum + difference * difference
        }
        return exp(-Double(distance / kernel.width))
      }
      let matrix = kept.flatMap { i in
        kept.map { j in similarity(i, j) + (i == j ? 0.3 * (known.labels[i] == 1 ? 2.0 / 3 : 4.0 / 3) : 0) }
      }
      let weights = try SymmetricMatrix.solve(matrix, kept.map { known.labels[$0] == 1 ? 1 : -1 })
      for (sample, value) in zip(set, values) {
        let expected = zip(kept, weights).reduce(0) { $0 + $1.1 * similarity(sample, $1.0) }
        #expect(abs(Double(value) - expected) < 1e-4)
      }
    }
    // Samples see themselves in the fit to all: that must be another answer.
    #expect(abs(kernel.values(known.features)[0] - values[0][0]) > 1e-3)
  }

  @Test("components of the training features are uncorrelated, in descending order")
  func components() throws {
    let features = Self.rings(40, width: 6, seed: 3).features
    let components = try PrincipalComponents(of: features, count: 3, whitening: 0)
    let again = components.components(of: features)
    for index in 0..<again.count { #expect(abs(again[index] - components.fitted[index]) < 1e-4) }
    var squares = [Float](repeating: 0, count: 9)
    for row in 0..<40 {
      for i in 0..<3 { for j in 0..<3 { squares[i * 3 + j] += again[row * 3 + i] * again[row * 3 + j] / 40 } }
    }
    #expect(squares[0] >= squares[4] && squares[4] >= squares[8])
    for (i, j) in [(0, 1), (0, 2), (1, 2)] { #expect(abs(squares[i * 3 + j]) < 0.02 * squares[0]) }
    #expect(abs(squares[0] + squares[4] + squares[8] - 3) < 1e-3)
  }

  @Test("components of several whitenings equal those of each whitening alone")
  func whitenings() throws {
    let features = Self.rings(40, width: 6, seed: 3).features
    let whitenings = [0, 0.5, 1]
    let all = try PrincipalComponents.each(of: features, count: 3, whitenings: whitenings)
    #expect(all.count == whitenings.count && all[0].projection != all[1].projection)
    for (whitening, components) in zip(whitenings, all) {
      let alone = try PrincipalComponents(of: features, count: 3, whitening: whitening)
      #expect(components.projection == alone.projection && components.fitted == alone.fitted)
    }
  }

  @Test("the network of a kernel gives the same logits as the kernel")
  func network() throws {
    let known = Self.rings(40, width: 6, seed: 5)
    let components = try PrincipalComponents(of: known.features, count: 4, whitening: 0.5)
    let kernel = try KernelRidge(components.fitted, labels: known.labels, width: 1, ridge: 0.1)
    let identity = Network(
      inputShape: [6], nodes: [Node("same", .identity, inputs: ["input"])], outputs: ["same"], parameters: [:])
    let network = identity.classified(by: kernel, on: components)
    #expect(network.trainableNames == ["logit.bias", "logit.weight"])
    let new = Self.rings(7, width: 6, seed: 6).features
    let executor = try Executor(network, batch: 7, use: .inference)
    executor.withInput { input in
      for (index, value) in new.values.enumerated() { input[index] = value }
    }
    let logits = try executor.infer(count: 7).values
    for (logit, value) in zip(logits, kernel.values(components.components(of: new))) {
      #expect(abs(logit - value) < 1e-4)
    }
  }
}
