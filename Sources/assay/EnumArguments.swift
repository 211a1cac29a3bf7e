public import ArgumentParser
public import Attacks
public import Datasets
import Decoder
public import Media
public import NeuralNet
import Runs
import Scanning
import Scoring
import Studies
import Training
public import Verdicts

// Options whose values are enums of the targets below.

extension AdversarialLoss: ExpressibleByArgument {}
extension DecodeMode: ExpressibleByArgument {}
extension HardeningOptions.Method: ExpressibleByArgument {}
extension HardeningOptions.Schedule: ExpressibleByArgument {}
extension LogFormat: ExpressibleByArgument {}
extension ModerationFormat: ExpressibleByArgument {}
extension Norm: ExpressibleByArgument {}
extension OptimisationOptions.Rule: ExpressibleByArgument {}
extension OutputMeaning: ExpressibleByArgument {}
extension PartSelection: ExpressibleByArgument {}
extension PerturbSettings.Target: ExpressibleByArgument {}
extension StudyScale: ExpressibleByArgument {}
extension Verdict: ExpressibleByArgument {}

/// Without `recut`, which `assay crops --pictures` chooses for pictures alone, and `wholePicture`, which makes face sets.
extension FaceOrigin: ExpressibleByArgument {
  private static let choices = [detect, wholeFrame]

  package init?(argument: String) {
    guard let choice = Self.choices.first(where: { $0.rawValue == argument }) else { return nil }
    self = choice
  }

  package static var allValueStrings: [String] { choices.map(\.rawValue) }
}

/// Reads a defence of the command line.
///
/// - Throws: `ValidationError` that names the available ones.
func defenceArgument(_ text: String) throws -> DefenceName {
  do { return try DefenceName(text) } catch { throw ValidationError("\(error)") }
}
