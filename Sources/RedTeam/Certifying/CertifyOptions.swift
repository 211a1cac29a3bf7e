/// Settings of `assay attack --certify`.
package struct CertifyOptions: Sendable {
  /// Standard deviation of the noise on the [0, 1] pixel scale.
  package var sigma: Double
  package var choosingSamples = 100
  package var samples = 1000
  /// Probability that a crop's certificate is wrong.
  package var alpha = 0.001

  package init(sigma: Double) { self.sigma = sigma }
}
