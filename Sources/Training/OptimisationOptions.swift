package import NeuralNet

/// How `assay train` moves the weights.
package struct OptimisationOptions: Sendable {
  package enum Rule: String, Sendable, CaseIterable { case adamw, sgd }

  package var rule = Rule.adamw
  package var learningRate: Float = 0.001
  package var weightDecay: Float = 0.0001
  /// Gradients longer than this are shortened; 0 leaves them.
  package var clip: Float = 5
  package var labelSmoothing: Float = 0
  /// How much the loss of a fake counts beside that of a real crop.
  package var fakeWeight: Float = 1
  /// Share of the averaged weights that a step keeps; 0 keeps no average.
  package var average: Float = 0
  /// Both parameters of the Beta distribution that mix-up draws from; 0 mixes nothing.
  package var mixUp: Float = 0

  package init() {}

  var recorded: [String: String] {
    [
      "optimiser": rule.rawValue, "learning-rate": "\(learningRate)", "weight-decay": "\(weightDecay)",
      "clip": "\(clip)", "label-smoothing": "\(labelSmoothing)", "fake-weight": "\(fakeWeight)",
      "average": "\(average)", "mix-up": "\(mixUp)",
    ]
  }

  package func optimiser(state: OptimiserState) -> any Optimiser {
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
