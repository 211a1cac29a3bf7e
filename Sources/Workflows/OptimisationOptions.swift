import NeuralNet

/// How `assay train` moves the weights.
public struct OptimisationOptions: Sendable {
  public enum Rule: String, Sendable, CaseIterable { case adamw, sgd }

  public var rule = Rule.adamw
  public var learningRate: Float = 0.001
  public var weightDecay: Float = 0.0001
  /// Gradients longer than this are shortened; 0 leaves them.
  public var clip: Float = 5
  public var labelSmoothing: Float = 0
  /// How much the loss of a fake counts beside that of a real crop.
  public var fakeWeight: Float = 1
  /// Share of the averaged weights that a step keeps; 0 keeps no average.
  public var average: Float = 0
  /// Both parameters of the Beta distribution that mix-up draws from; 0 mixes nothing.
  public var mixUp: Float = 0

  public init() {}

  var recorded: [String: String] {
    [
      "optimiser": rule.rawValue, "learning-rate": "\(learningRate)", "weight-decay": "\(weightDecay)",
      "clip": "\(clip)", "label-smoothing": "\(labelSmoothing)", "fake-weight": "\(fakeWeight)",
      "average": "\(average)", "mix-up": "\(mixUp)",
    ]
  }

  func optimiser(state: OptimiserState) -> any Optimiser {
    switch rule {
    case .adamw:
      var settings = Adam.Settings()
      settings.weightDecay = weightDecay
      return Adam(settings, state: state)
    case .sgd:
      var settings = SGD.Settings()
      settings.weightDecay = weightDecay
      return SGD(settings, state: state)
    }
  }
}
