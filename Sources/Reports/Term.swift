/// A technical term of evaluations, attacks and studies, explained in one sentence for readers outside the field.
struct Term: Sendable {
  /// Spellings that the explanation is for; compared without regard to case.
  let spellings: [String]
  let explanation: String

  var name: String { spellings[0] }

  private init(_ spellings: String..., means explanation: String) {
    self.spellings = spellings
    self.explanation = explanation
  }

  /// Whether a text uses the term as a word.
  func isUsed(in text: String) -> Bool {
    let text = " " + text.lowercased().map { $0.isLetter || $0.isNumber || "∞%".contains($0) ? $0 : " " } + " "
    return spellings.contains { text.contains(" \($0.lowercased()) ") }
  }

  static let all: [Term] = [
    Term(
      "AUC",
      means: "the chance that a fake gets a higher score than a real one; 0.5 is guessing, 1 is perfect."),
    Term(
      "ROC", "false positive rate",
      means: "how many real items are flagged (false positive rate) for every fraction of fakes found."),
    Term("precision", means: "of everything flagged, the fraction that is fake; it depends on how common fakes are."),
    Term("recall", "missed", means: "of all fakes, the fraction that is flagged; the others are missed."),
    Term(
      "prevalence",
      means: "the fraction of fakes in this data; where fakes are rarer, more of what is flagged is real."),
    Term(
      "95 % interval", "95", "intervals", "interval",
      means:
        "the range in which the figure would probably lie for other data of the same kind; a wide one means little data."
    ),
    Term("source", "sources", means: "an original video and everything made from it, which is not independent."),
    Term(
      "bootstrap", "bootstraps",
      means: "repeating the measurement on random redraws of the sources, to see how much it varies."),
    Term("F1", means: "one figure for precision and recall together; 1 is perfect."),
    Term(
      "accuracy", "balanced accuracy", "acc",
      means: "the fraction of right answers; balanced counts both classes equally."
    ),
    Term("average precision", "AP", means: "precision averaged over all thresholds; 1 is perfect."),
    Term(
      "equal error rate", means: "the error where as many real items are flagged as fakes are missed; 0 is perfect."),
    Term(
      "log loss", "Brier score", means: "how far scores are from the truth; 0 is perfect, certain mistakes cost most."),
    Term(
      "calibration", "calibration error", "calibrated",
      means: "whether scores can be read as probabilities: of items with score 0.8, 80 % should be fake."),
    Term("logit", "logits", means: "the network's raw output before it becomes a score; 0 is undecided."),
    Term("crop", "crops", means: "a face cut out of a video frame or picture, as the network sees it."),
    Term("false alarms", means: "the fraction of real items that are flagged."),
    Term("clean acc", "clean AUC", "clean", means: "the result on untouched crops, before any attack."),
    Term(
      "robust acc", "robust accuracy", "robust AUC", "robust",
      means:
        "the result when every crop is changed by the attack: what is left of the model against someone who fights it."),
    Term("budget", "budgets", "ε", means: "how much an attack may change; small ones cannot be seen by eye."),
    Term("ℓ∞", "linf", "255ths", means: "the largest change of any colour value, on a scale of 255."),
    Term("ℓ2", "l2", means: "the overall size of the change, summed over all pixels."),
    Term("ℓ0", "l0", means: "the number of changed pixels, however strongly each is changed."),
    Term(
      "success", "misclassified", "turned",
      means: "crops that were judged rightly before the attack and wrongly after it."),
    Term("queries", means: "how often the attack had to ask the model; many are noticed more easily."),
    Term("gradients", "gradient", "white-box", means: "the attacker knows the model and uses its inner workings."),
    Term("black-box", means: "the attacker sees only the model's answers."),
    Term("surrogate", "transfer", means: "an attack made on one model and tried on another."),
    Term("gradient masking", "masked", means: "a model that only looks robust, because the attack was misled."),
    Term(
      "certified", "certified acc", "smoothing",
      means: "proved, not only tried: no change within the radius alters the answer."),
    Term("by video", means: "the same, judged for whole videos instead of single faces."),
    Term(
      "distortion", "severity",
      means: "an everyday change such as blur or compression, not an attack; 5 is the strongest."),
    Term("seed", "seeds", means: "the number that fixes all random choices, so that a run can be repeated exactly."),
    Term("epoch", "epochs", means: "one pass over all training data."),
    Term(
      "Fréchet distance", means: "how far generated pictures are from real ones as a group; 0 is indistinguishable."),
  ]
}
