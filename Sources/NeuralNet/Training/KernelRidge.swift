public import Compute
import Foundation

/// Kernel ridge regression with a Gaussian kernel (Saunders et al. 1998): a classifier that is fitted by solving one
/// system of linear equations, and that works with small training sets.
///
/// `f(x) = Σ aᵢ exp(-‖x - xᵢ‖² / width)` over the training samples, with both classes weighted equally.
public struct KernelRidge: Sendable {
  /// `[N, F]`: the training samples.
  public let centres: Tensor
  /// `[N]`.
  public let weights: Tensor
  /// Width of the kernel, in units of squared distance.
  public let width: Float

  /// - Parameters:
  ///   - samples: `[N, F]`.
  ///   - labels: 1 for fake, 0 for real; both occur.
  ///   - width: as a multiple of the median squared distance between samples.
  ///   - ridge: regularisation strength, above 0.
  /// - Throws: `ComputeError.lapack` when samples are not finite.
  public init(
    _ samples: Tensor, labels: [Float], width relativeWidth: Double, ridge: Double
  ) throws(ComputeError) {
    let system = System(samples, labels: labels, relativeWidth: relativeWidth, ridge: ridge)
    weights = Tensor([labels.count], try SymmetricMatrix.solve(system.matrix, system.targets).map { Float($0) })
    width = system.width
    centres = samples
  }

  /// Fits to all samples, and also predicts some of them from fits without their set (leave-group-out).
  ///
  /// No second fit is needed: with C the inverse of the system's matrix and a = C y its solution, a withheld set S gets
  /// the predictions `y_S - C_SS⁻¹ a_S` (the leave-one-out residual of ridge regression, Allen 1974, for several at
  /// once). Only the kernel width and the class fractions are still those of all samples.
  ///
  /// - Parameters:
  ///   - withholding: sets of sample indices, each withheld separately.
  /// - Returns: the classifier, and for each set the predictions of its samples without it, in their order.
  /// - Throws: `ComputeError.lapack` when samples are not finite.
  public static func crossFit(
    _ samples: Tensor, labels: [Float], width: Double, ridge: Double, withholding sets: [[Int]]
  ) throws(ComputeError) -> (kernel: KernelRidge, values: [[Float]]) {
    let count = labels.count
    var system = System(samples, labels: labels, relativeWidth: width, ridge: ridge)
    let targets = system.targets
    let inverse = try SymmetricMatrix.inverse(system.takeMatrix(), rows: count)
    let weights = (0..<count).map { row in
      var sum = 0.0
      for column in 0..<count { sum += inverse[row * count + column] * targets[column] }
      return sum
    }
    var values: [[Float]] = []
    for set in sets {
      let block = set.flatMap { row in set.map { inverse[row * count + $0] } }
      let residuals = try SymmetricMatrix.solve(block, set.map { weights[$0] })
      values.append(zip(set, residuals).map { Float(targets[$0] - $1) })
    }
    let kernel = KernelRidge(
      centres: samples, weights: Tensor([count], weights.map { Float($0) }), width: system.width)
    return (kernel, values)
  }

  private init(centres: Tensor, weights: Tensor, width: Float) {
    self.centres = centres
    self.weights = weights
    self.width = width
  }

  /// The linear system for the weights.
  private struct System {
    /// `[N, N]`: the kernel matrix with the ridge on its diagonal.
    private(set) var matrix: [Double]
    /// 1 for fake, -1 for real.
    let targets: [Double]
    let width: Float

    init(_ samples: Tensor, labels: [Float], relativeWidth: Double, ridge: Double) {
      let count = samples.shape[0]
      precondition(labels.count == count && count > 1, "\(labels.count) labels for \(samples.shape)")
      let distances = squaredDistances(samples, samples)
      // From a subset of rows: sorting millions of distances would take longer than solving the system.
      let stride = max(1, count / 101)
      let some = Swift.stride(from: 0, to: count, by: stride).flatMap { distances[($0 * count)..<(($0 + 1) * count)] }
      let median = some.sorted()[some.count / 2]
      let width = Float(max(relativeWidth * Double(median), .leastNormalMagnitude))
      matrix = distances.map { Double(exp(-$0 / width)) }
      let fakes = labels.count { $0 > 0.5 }
      for (index, label) in labels.enumerated() {
        let ofClass = label > 0.5 ? fakes : count - fakes
        matrix[index * count + index] += ridge * 2 * Double(ofClass) / Double(count)
      }
      targets = labels.map { $0 > 0.5 ? 1 : -1 }
      self.width = width
    }

    /// Moves the matrix out, to avoid copying a gigabyte.
    mutating func takeMatrix() -> [Double] {
      defer { matrix = [] }
      return matrix
    }
  }

  /// - Parameter samples: `[M, F]`.
  /// - Returns: `[M]`, positive for fake.
  public func values(_ samples: Tensor) -> [Float] {
    let count = centres.shape[0]
    let distances = Self.squaredDistances(samples, centres)
    var sums = [Float](repeating: 0, count: samples.shape[0])
    weights.withFloats { weights in
      for row in sums.indices {
        for index in 0..<count { sums[row] += weights[index] * exp(-distances[row * count + index] / width) }
      }
    }
    return sums
  }

  /// Squared norm of each row.
  fileprivate static func squaredLengths(_ x: Tensor) -> [Float] {
    let (rows, width) = (x.shape[0], x.shape[1])
    var lengths = [Float](repeating: 0, count: rows)
    x.withFloats { x in
      for row in 0..<rows {
        for index in 0..<width { lengths[row] += x[row * width + index] * x[row * width + index] }
      }
    }
    return lengths
  }

  private static func squaredDistances(_ a: Tensor, _ b: Tensor) -> [Float] {
    let (m, n, k) = (a.shape[0], b.shape[0], a.shape[1])
    let (ofA, ofB) = (squaredLengths(a), squaredLengths(b))
    var distances = [Float](repeating: 0, count: m * n)
    distances.withUnsafeMutableBufferPointer { distances in
      a.withFloats { a in
        b.withFloats { b in
          guard let a = a.baseAddress, let b = b.baseAddress, let target = distances.baseAddress else { return }
          MatrixProduct.multiply(m: m, n: n, k: k, alpha: -2, a, b, transposeB: true, into: target)
        }
      }
      for row in 0..<m {
        for column in 0..<n {
          distances[row * n + column] = max(0, distances[row * n + column] + ofA[row] + ofB[column])
        }
      }
    }
    return distances
  }
}

extension Network {
  /// Appends the components and the kernel expansion to this network of `[N, F]` features: `[N, 1]` logits.
  ///
  /// Uses ordinary operators only, so inference, attacks and export work as for any other network.
  public func classified(by kernel: KernelRidge, on components: PrincipalComponents) -> Network {
    let count = kernel.centres.shape[0]
    var network = self
    var current = outputs[0]
    func parameter(_ name: String, _ tensor: Tensor) -> String {
      network.parameters[name] = tensor
      return name
    }
    func add(_ name: String, _ operation: Operator, _ inputs: [String], _ tensors: [String: Tensor] = [:]) -> String {
      var node = Node(name, operation, inputs: inputs, isFrozen: true)
      for (role, tensor) in tensors { node.parameters[role] = parameter("\(name).\(role)", tensor) }
      network.nodes.append(node)
      return name
    }
    func constant(_ name: String, _ tensor: Tensor) -> String { add(name, .constant, [], ["value": tensor]) }
    let features = components.mean.count
    current = add(
      "centred", .binary(.subtract),
      [current, constant("mean", Tensor([1, features], components.mean.values))])
    current = add(
      "standardised", .binary(.multiply),
      [current, constant("scale", Tensor([1, features], components.scale.values))])
    let limit = PrincipalComponents.limit
    current = add("limited", .activation(.clip(low: -limit, high: limit)), [current])
    let component = add("components", .linear, [current], ["weight": components.projection])
    // -‖x - c‖² / w = (2 c · x - ‖c‖² - ‖x‖²) / w
    let near = add(
      "centres", .linear, [component],
      [
        "weight": kernel.centres.map { 2 * $0 / kernel.width },
        "bias": Tensor([count], KernelRidge.squaredLengths(kernel.centres).map { -$0 / kernel.width }),
      ])
    let squares = add("squares", .binary(.multiply), [component, component])
    let length = add("length", .reduce(.sum, axes: [1], keepsAxes: true), [squares])
    let far = add(
      "far", .binary(.multiply), [length, constant("inversewidth", Tensor([1, 1], [1 / kernel.width]))])
    let exponent = add("exponent", .binary(.subtract), [near, far])
    let kernels = add("kernels", .activation(.exponential), [exponent])
    network.nodes.append(
      Node(
        "logit", .linear, inputs: [kernels],
        parameters: [
          "weight": parameter("logit.weight", Tensor([1, count], kernel.weights.values)),
          "bias": parameter("logit.bias", Tensor([1])),
        ]))
    network.outputs = ["logit"]
    return network
  }
}
