public import Compute
import Foundation

/// Principal components of high-dimensional standardised features (Hotelling 1933), from their Gram matrix.
///
/// Features are centred, divided by their standard deviation and clipped, so that outliers do not dominate. Components
/// are divided by a power of their standard deviation, which gives the smaller ones more weight (1 would whiten them),
/// and scaled to a mean square of 1.
public struct PrincipalComponents: Sendable {
  /// `[F]`.
  public let mean: Tensor
  /// `[F]`: reciprocal standard deviations.
  public let scale: Tensor
  /// `[components, F]`.
  public let projection: Tensor
  /// The components of the training features, `[N, components]`.
  public let fitted: Tensor

  /// Standardised features are clipped to ±this.
  public static let limit: Float = 5

  /// - Parameters:
  ///   - features: `[N, F]`.
  ///   - count: number of components, less than N.
  ///   - whitening: exponent of the standard deviation, 0…1.
  /// - Throws: `ComputeError.lapack` when the features are not finite.
  public init(of features: Tensor, count: Int, whitening: Double) throws(ComputeError) {
    self = try Self.each(of: features, count: count, whitenings: [whitening])[0]
  }

  /// The components for each whitening exponent, in order; the directions are the same and computed once.
  ///
  /// - Parameters:
  ///   - features: `[N, F]`.
  ///   - count: number of components, less than N.
  ///   - whitenings: exponents of the standard deviation, 0…1.
  /// - Throws: `ComputeError.lapack` when the features are not finite.
  public static func each(
    of features: Tensor, count: Int, whitenings: [Double]
  ) throws(ComputeError) -> [PrincipalComponents] {
    let (samples, width) = (features.shape[0], features.shape[1])
    precondition(count > 0 && count < samples, "\(count) components of \(samples) samples")
    let moments = Self.moments(features)
    let z = Self.standardised(features, moments)
    var gram = [Float](repeating: 0, count: samples * samples)
    z.withUnsafeBufferPointer { z in
      gram.withUnsafeMutableBufferPointer { gram in
        guard let z = z.baseAddress, let gram = gram.baseAddress else { return }
        MatrixProduct.multiply(
          m: samples, n: samples, k: width, alpha: 1 / Float(width), z, z, transposeB: true, into: gram)
      }
    }
    let (values, vectors) = try SymmetricMatrix.largestEigenvectors(
      of: gram.map(Double.init), rows: samples, count: count)
    return whitenings.map {
      PrincipalComponents(moments, z, values: values, vectors: vectors, whitening: $0)
    }
  }

  /// - Parameters:
  ///   - z: standardised features, `[N, F]`.
  ///   - values: the largest eigenvalues of their Gram matrix divided by F.
  ///   - vectors: its eigenvectors, `[components, N]`.
  private init(
    _ moments: (mean: Tensor, scale: Tensor), _ z: [Float], values: [Double], vectors: [Double], whitening: Double
  ) {
    (mean, scale) = moments
    let (count, width) = (values.count, moments.mean.count)
    let samples = z.count / width
    // A component's values are its eigenvector times √eigenvalue; its direction is zᵀ · eigenvector / √eigenvalue.
    var weights = [Float](repeating: 0, count: count * samples)
    var square = 0.0
    for component in 0..<count {
      let value = max(values[component], .leastNormalMagnitude)
      let standardDeviation = (value / Double(samples)).squareRoot()
      let divisor = value.squareRoot() * pow(standardDeviation, whitening)
      square += value / pow(standardDeviation, 2 * whitening) / Double(samples * count)
      for sample in 0..<samples {
        weights[component * samples + sample] = Float(vectors[component * samples + sample] / divisor / Double(width))
      }
    }
    let evening = Float(1 / square.squareRoot())
    projection = Tensor([count, width]) { target in
      weights.withUnsafeBufferPointer { weights in
        z.withUnsafeBufferPointer { z in
          guard let weights = weights.baseAddress, let z = z.baseAddress, let target = target.baseAddress else {
            return
          }
          MatrixProduct.multiply(m: count, n: width, k: samples, alpha: evening, weights, z, into: target)
        }
      }
    }
    fitted = Self.project(z, samples, projection)
  }

  /// - Parameter features: `[N, F]`.
  /// - Returns: `[N, components]`.
  public func components(of features: Tensor) -> Tensor {
    Self.project(Self.standardised(features, (mean, scale)), features.shape[0], projection)
  }

  private static func project(_ z: [Float], _ samples: Int, _ projection: Tensor) -> Tensor {
    let (count, width) = (projection.shape[0], projection.shape[1])
    return Tensor([samples, count]) { target in
      z.withUnsafeBufferPointer { z in
        projection.withFloats { projection in
          guard let z = z.baseAddress, let weights = projection.baseAddress, let target = target.baseAddress else {
            return
          }
          MatrixProduct.multiply(m: samples, n: count, k: width, z, weights, transposeB: true, into: target)
        }
      }
    }
  }

  private static func moments(_ features: Tensor) -> (mean: Tensor, scale: Tensor) {
    let (samples, width) = (features.shape[0], features.shape[1])
    var sums = [Double](repeating: 0, count: width)
    var squares = sums
    features.withFloats { x in
      for sample in 0..<samples {
        for index in 0..<width {
          let value = Double(x[sample * width + index])
          sums[index] += value
          squares[index] += value * value
        }
      }
    }
    let means = sums.map { $0 / Double(samples) }
    // The lower bound on the standard deviation keeps constant features at 0.
    let scales = zip(means, squares).map { mean, square in
      Float(1 / (max(square / Double(samples) - mean * mean, 0).squareRoot() + 1e-6))
    }
    return (Tensor([width], means.map { Float($0) }), Tensor([width], scales))
  }

  private static func standardised(_ features: Tensor, _ moments: (mean: Tensor, scale: Tensor)) -> [Float] {
    let (samples, width) = (features.shape[0], features.shape[1])
    var z = features.values
    moments.mean.withFloats { mean in
      moments.scale.withFloats { scale in
        for sample in 0..<samples {
          for index in 0..<width {
            let value = (z[sample * width + index] - mean[index]) * scale[index]
            z[sample * width + index] = min(max(value, -limit), limit)
          }
        }
      }
    }
    return z
  }
}
