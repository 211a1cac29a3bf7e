public import Compute

/// Spectral normalisation: weights divided by their largest singular value, which bounds the Lipschitz constant of a
/// discriminator (Miyato et al. 2018).
///
/// Power iteration estimates the singular value σ (algorithm 1 there). One round per weight update suffices, because
/// the starting vector is kept. Filters `[K, C, R, S]` are treated as matrices of K rows.
public struct SpectralNormalisation: Sendable {
  /// Weights of convolutions and linear layers, by name.
  public let names: [String]
  /// Left singular vectors from which the last `normalised` started, by weight, `[K]`: with them, a checkpoint
  /// reproduces the same σ.
  public private(set) var vectors: [String: Tensor]
  /// The resulting singular vectors, from which the next call starts.
  private var next: [String: Tensor]
  /// σ of the last `normalised`, by weight.
  public private(set) var sigmas: [String: Float] = [:]
  /// Right singular vectors and normalised weights of the last `normalised`.
  private var right: [String: Tensor] = [:]
  private var divided: [String: Tensor] = [:]

  /// Rounds from random vectors before the first step.
  private static let firstRounds = 15
  /// Norms below this count as zero.
  private static let least: Float = 1e-12

  /// - Parameters:
  ///   - network: network whose convolutions and linear layers are normalised, except frozen ones.
  ///   - vectors: singular vectors of a checkpoint; nil starts from random ones.
  ///   - seed: seed of the random vectors.
  public init(_ network: Network, vectors: [String: Tensor]? = nil, seed: UInt64) {
    var names: [String] = []
    for node in network.nodes where !node.isFrozen {
      switch node.operation {
      case .convolution, .linear: if let name = node.parameters["weight"] { names.append(name) }
      default: break
      }
    }
    self.names = names
    var found: [String: Tensor] = [:]
    for (index, name) in names.enumerated() {
      guard let weight = network.parameters[name] else { continue }
      if let kept = vectors?[name], kept.shape == [weight.shape[0]] {
        found[name] = kept
      } else {
        var generator = SeededGenerator(seed: seed, path: [0x5350_4543, UInt64(index)])
        var u = Tensor.normal([weight.shape[0]], using: &generator)
        for _ in 0..<Self.firstRounds { u = Self.round(weight, u).u }
        found[name] = u
      }
    }
    self.vectors = found
    next = found
  }

  /// Runs one round of power iteration and divides the weights by σ; leaves other tensors unchanged.
  ///
  /// - Parameter parameters: parameters of the network, not normalised.
  public mutating func normalised(_ parameters: [String: Tensor]) -> [String: Tensor] {
    var result = parameters
    vectors = next
    for name in names {
      guard let weight = parameters[name], let u = vectors[name] else { continue }
      let found = Self.round(weight, u)
      next[name] = found.u
      right[name] = found.v
      sigmas[name] = found.sigma
      var quotient = weight
      quotient.scale(by: 1 / max(found.sigma, Self.least))
      divided[name] = quotient
      result[name] = quotient
    }
    return result
  }

  /// Converts gradients with respect to the normalised weights to gradients with respect to the raw weights:
  /// `(dW̄ - ⟨dW̄, W̄⟩ u vᵀ) / σ` (equation 12 there), with u and v constant.
  public func gradients(ofNormalised gradients: [String: Tensor]) -> [String: Tensor] {
    var result = gradients
    for name in names {
      guard var gradient = gradients[name], let weight = divided[name], let u = next[name], let v = right[name],
        let sigma = sigmas[name]
      else { continue }
      let along = Float(gradient.dot(weight))
      let columns = v.count
      gradient.withMutableFloats { g in
        u.withFloats { u in
          v.withFloats { v in
            for row in 0..<u.count {
              let factor = along * u[row]
              for column in 0..<columns { g[row * columns + column] -= factor * v[column] }
            }
          }
        }
      }
      gradient.scale(by: 1 / max(sigma, Self.least))
      result[name] = gradient
    }
    return result
  }

  /// v = Wᵀu / ‖Wᵀu‖, u′ = Wv / ‖Wv‖, σ = ‖Wv‖ = u′ᵀWv.
  private static func round(_ weight: Tensor, _ u: Tensor) -> (u: Tensor, v: Tensor, sigma: Float) {
    let rows = weight.shape[0]
    let columns = weight.count / max(rows, 1)
    var v = product(weight, u, rows: rows, columns: columns, transposed: true)
    v.scale(by: 1 / max(length(v), least))
    var next = product(weight, v, rows: rows, columns: columns, transposed: false)
    let sigma = length(next)
    next.scale(by: 1 / max(sigma, least))
    return (next, v, sigma)
  }

  private static func length(_ x: Tensor) -> Float { Float(x.dot(x).squareRoot()) }

  private static func product(
    _ weight: Tensor, _ x: Tensor, rows: Int, columns: Int, transposed: Bool
  ) -> Tensor {
    let (from, to) = transposed ? (rows, columns) : (columns, rows)
    return weight.withFloats { w in
      x.withFloats { x in
        Tensor([to]) { y in
          MatrixProduct.multiply(
            m: to, n: 1, k: from, w.start, transposeA: transposed, x.start, into: y.start)
        }
      }
    }
  }
}
