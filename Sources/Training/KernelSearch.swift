import Compute
import Metrics
package import NeuralNet
import Runs

/// Grid search for whitening, width and ridge of a kernel classifier, by AUC on the validation part.
package struct KernelSearch {
  /// One combination of the hyperparameters.
  package struct Choice: Sendable {
    let whitening: Double
    package let width: Double
    let ridge: Double
    package let auc: Double
  }

  /// Grid values; all combinations are tried.
  package struct Grid: Sendable {
    var whitenings = [0.25, 0.5, 0.75]
    package var widths = [0.5, 1, 2, 4]
    var ridges = [0.1, 0.3, 1, 3]

    /// Varies only the ridge, whose best value depends on the amount of data.
    package static let ridgesAlone = Grid(whitenings: [0.5], widths: [1])
  }

  /// All combinations tried, in order.
  let choices: [Choice]
  package let best: Choice
  package let kernel: KernelRidge
  package let components: PrincipalComponents

  /// - Parameters:
  ///   - training: `[N, F]`.
  ///   - labels: labels of the training rows, 1 for fake.
  ///   - plain: number of leading rows used to fit the components.
  ///   - validation: `[M, F]`.
  ///   - truth: labels of the validation rows.
  /// - Precondition: there are more such rows than components; callers check this before measuring.
  /// - Throws: `ComputeError.lapack` when features are not finite.
  init(
    training: Tensor, labels: [Float], plain count: Int, validation: Tensor, truth: [Bool], components: Int,
    grid: Grid = Grid()
  ) throws {
    let plain = training.rows(0..<count)
    var choices: [Choice] = []
    var found: (choice: Choice, kernel: KernelRidge, components: PrincipalComponents)?
    let all = try PrincipalComponents.each(of: plain, count: components, whitenings: grid.whitenings)
    for (whitening, directions) in zip(grid.whitenings, all) {
      let (known, new) = (directions.components(of: training), directions.components(of: validation))
      for width in grid.widths {
        for ridge in grid.ridges {
          let fit = try KernelRidge(known, labels: labels, width: width, ridge: ridge)
          let scores = ScoredLabels(scores: fit.values(new).map(Double.init), labels: truth)
          let choice = Choice(
            whitening: whitening, width: width, ridge: ridge, auc: ThresholdCurve(scores).auc ?? 0)
          choices.append(choice)
          if choice.auc > found?.choice.auc ?? -1 { found = (choice, fit, directions) }
        }
      }
    }
    guard let found else { throw WorkflowError.training("no kernel was tried") }
    self.choices = choices
    best = found.choice
    kernel = found.kernel
    self.components = found.components
  }
}
