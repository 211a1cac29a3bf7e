/// Settings of `assay attack --certify`.
public struct CertifyOptions: Sendable {
  /// Deviation of the noise on the [0, 1] pixel scale.
  public var sigma: Double
  public var choosingSamples = 100
  public var samples = 1000
  /// Chance that a crop's certificate is wrong.
  public var alpha = 0.001

  public init(sigma: Double) { self.sigma = sigma }
}
