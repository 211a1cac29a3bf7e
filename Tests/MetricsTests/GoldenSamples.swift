/// Made by `Tests/Golden/samples.py`.
enum GoldenSamples {
  static let cases: [SampleCase] = [
    SampleCase(
      first: 40, second: 50, width: 4, shift: 0.0, scale: 1.0, seed: 1,
      frechet: 0.04694215904250243,
      precision: 0.85,
      recall: 0.9),
    SampleCase(
      first: 60, second: 45, width: 12, shift: 0.3, scale: 0.7, seed: 2,
      frechet: 0.26426073765833036,
      precision: 0.4,
      recall: 1.0),
    SampleCase(
      first: 30, second: 35, width: 40, shift: 0.1, scale: 1.2, seed: 3,
      frechet: 5.49125984941011,
      precision: 0.8666666666666667,
      recall: 0.14285714285714285),
  ]
}
