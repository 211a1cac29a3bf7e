public import Compute

/// A universal perturbation for all crops of a class (Moosavi-Dezfooli et al. 2017), by projected gradient descent on
/// the mean margin of training crops (Shafahi et al. 2020).
public struct UniversalPerturbation: Attack {
  public let id = "universal"
  public let norm = Norm.linf
  public let epsilon: Float
  private let changes: [TrueClass: [Float]]

  /// - Parameters:
  ///   - crops: training crops, disjoint from those to attack.
  ///   - steps: passes over them.
  public init(
    learningFrom crops: [(x: CropPixels, truth: TrueClass)], epsilon: Float, steps: Int = 10,
    oracle: any GradientOracle, using generator: inout SeededGenerator
  ) throws {
    self.epsilon = epsilon
    var changes: [TrueClass: [Float]] = [:]
    for truth in [TrueClass.real, .fake] {
      var own = crops.filter { $0.truth == truth }.map(\.x)
      guard let first = own.first else { continue }
      var change = [Float](repeating: 0, count: first.values.count)
      for step in 0..<steps {
        for index in own.indices.reversed() { own.swapAt(index, generator.index(below: index + 1)) }
        // Decreasing steps, each along the mean gradient of a few crops.
        let size = 2 * epsilon * (1 - Float(step) / Float(steps)) / Float(steps).squareRoot()
        for start in stride(from: 0, to: own.count, by: 8) {
          var sum = [Float](repeating: 0, count: change.count)
          for x in own[start..<min(start + 8, own.count)] {
            let gradient = try oracle.gradient(at: x.adding(change)).gradient
            for i in sum.indices { sum[i] += gradient[i] }
          }
          for i in change.indices where sum[i] != 0 {
            change[i] += (sum[i] > 0 ? -truth.sign : truth.sign) * size
            change[i] = min(max(change[i], -epsilon), epsilon)
          }
        }
      }
      changes[truth] = change
    }
    self.changes = changes
  }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    changes[truth].map(x.adding) ?? x
  }
}

extension CropPixels {
  /// The perturbed crop, clipped to [0, 1].
  fileprivate func adding(_ change: [Float]) -> CropPixels {
    precondition(change.count == values.count, "a perturbation for crops of another size")
    var sum = self
    for i in change.indices { sum.values[i] = min(max(sum.values[i] + change[i], 0), 1) }
    return sum
  }
}
