import ArgumentParser
import Attacks
import Datasets
import Decoder
import Faces
import RedTeam
import Scoring
import Studies

/// `assay attack`: robustness of classifiers under attack.
struct AttackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attack",
    abstract: "Measure the accuracy of models under attack on a crop set, or write adversarial videos.",
    usage: """
      assay attack MODEL… CROPS -o DIR [options]
      assay attack face-detector CROPS -o DIR [--detector yunet --detector-model FILE]
      assay attack VIDEO… --write DIR [options]
      """,
    discussion: """
      On a crop set, every attack runs under every budget of its norm on every crop. Budgets apply to the whole crop on \
      the [0, 1] pixel scale (--l0: pixels). Unless --faces whole-frame is given, the face detector searches each crop \
      for its face before and after the attack. Writes a table, curves and pictures to the output folder; started \
      again, an interrupted run resumes.

      face-detector attacks the face detector itself: a crop counts as correct if its face is found. \
      Without --split it takes crops of all parts.

      With --write, the faces of each video are perturbed in all its frames to flip the video's verdict, encoded by \
      libx264 into NAME.adversarial.mp4 with all other streams copied, and the file is scanned again: the table shows \
      how much of the attack survives the codec.

      Examples: assay attack standard crops -o attacks; assay attack clip.mp4 --write adversarial
      """)

  @Argument(
    help: """
      Model files or built-in models (standard, paper, hardened), or face-detector, followed by a crop set made by assay \
      crops; with --write, videos or folders.
      """)
  var inputs: [String]

  @OptionGroup(title: "Most used")
  var daily: DailyAttackArguments

  @OptionGroup(title: "Attacking videos")
  var videos: VideoAttackArguments

  @Option(
    help: "Compute the perturbations on these surrogate models, separated by commas, and measure whether they transfer."
  )
  var transferFrom: String?

  @Option(help: "Iterations of iterative attacks; hundreds of queries of black-box attacks.")
  var steps: Int?

  @Option(help: "Random starts of PGD, Auto-PGD and FAB.")
  var restarts = 1

  @OptionGroup(title: "Defences and guarantees")
  var defences: DefenceArguments

  @Flag(help: "Do not round perturbed crops to 8-bit values; no image file can store them.")
  var floatPixels = false

  @Option(help: "Random seed.")
  var seed: UInt64 = 1

  @Option(help: "Number of attack threads.")
  var workers = 2

  @OptionGroup
  var common: CommonArguments

  func validate() throws {
    if videos.folder != nil {
      guard daily.output == nil else { throw ValidationError("--write names the output folder for videos: omit -o.") }
    } else {
      guard inputs.count >= 2 else { throw ValidationError("name a model and a crop set, or videos and --write DIR.") }
      guard daily.output != nil else { throw ValidationError("name an output folder: -o DIR.") }
    }
    _ = try budgets
    if let steps { try require(steps, in: 1...100_000, "--steps") }
    try require(restarts, in: 1...1000, "--restarts")
    try require(daily.limit, in: 1...1_000_000, "--limit")
    try require(workers, in: 1...256, "--workers")
  }

  func run() throws {
    guard let folder = videos.folder else {
      try requireModels(inputs.dropLast().filter { $0 != "face-detector" })
      try requireInputs(inputs.suffix(1))
      return try attackCrops()
    }
    try requireInputs(inputs)
    try requireModels([videos.model].compactMap(\.self))
    try writeVideos(to: folder)
  }

  private var budgets: [Norm: [Float]] {
    get throws {
      var budgets: [Norm: [Float]] = [:]
      for (norm, name, text) in [(Norm.linf, "--linf", daily.linf), (.l2, "--l2", daily.l2), (.l0, "--l0", daily.l0)] {
        if let text { budgets[norm] = try Budget.list(text, name, in: norm) }
      }
      return budgets
    }
  }

  private func writeVideos(to folder: String) throws {
    var options = try videos.options(inputs, folder: folder, steps: steps, seed: seed)
    options.workers = workers
    options.quiet = common.quiet || daily.json
    let summary = try attackVideos(options)
    print(daily.json ? try summary.json() : summary.table)
    if !daily.json { print("videos and tables: \(summary.folder)/*.adversarial.mp4, attacked.json, attacked.csv") }
    if let signal = summary.interruptedBy { throw ExitCode(128 + signal) }
    if summary.failed > 0 { throw ExitCode(3) }
  }

  private func attackCrops() throws {
    guard let output = daily.output else { return }
    func names(_ text: String?) -> [String] { text?.split(separator: ",").map(String.init) ?? [] }
    var options = AttackOptions(models: inputs.dropLast(), crops: inputs[inputs.count - 1], output: output)
    options.sources = names(transferFrom)
    let wanted = daily.attacks ?? videos.attack
    options.attacks =
      wanted != "all"
      ? names(wanted) : options.attacksFaceDetector ? AttackOptions.faceDetectorNames : AttackOptions.names
    options.restarts = restarts
    defences.apply(to: &options)
    options.budgets = try budgets
    options.steps = steps
    options.eightBit = !floatPixels
    options.detector = videos.search.faces == .detect ? videos.search.choice : nil
    options.part = daily.part
    options.splitPath = daily.split
    options.limit = daily.limit
    options.seed = seed
    options.workers = workers
    options.quiet = common.quiet || daily.json
    let summary = try attackModels(options)
    if let signal = summary.interruptedBy {
      print("interrupted: start it again to resume")
      throw ExitCode(128 + signal)
    }
    print(daily.json ? try summary.json() : summary.table)
    if !daily.json { print("report: \(summary.folder)/index.html") }
  }
}

/// The options of `assay attack` that most measurements need.
struct DailyAttackArguments: ParsableArguments {
  @Option(name: [.short, .long], help: "Folder for the results on a crop set.")
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Attacks, separated by commas, or all. (default: fgsm,pgd,apgd,pgd-l2,pgd-l0)",
      discussion: "Available: " + AttackOptions.names.joined(separator: ", ") + "."))
  var attacks: String?

  @Option(help: "Budgets of ℓ∞ attacks, separated by commas, such as 2/255,8/255.")
  var linf: String?

  @Option(help: "Budgets of ℓ2 attacks, separated by commas, such as 0.5,1.")
  var l2: String?

  @Option(help: "Budgets of ℓ0 attacks in pixels, separated by commas, such as 50,200.")
  var l0: String?

  @Option(help: "Part of the split to attack: train, validation, test or all.")
  var part: PartSelection = .test

  @Option(
    help: "Split file written by assay train, or a model; without it the split beside the first model or in its card.")
  var split: String?

  @Option(help: "Maximum number of crops per class; videos are included as a whole.")
  var limit = 50

  @Flag(help: "Print the results as JSON.")
  var json = false
}

/// A perturbation's budget as users write it: a number, or a fraction such as 8/255.
enum Budget {
  static func list(_ text: String, _ option: String, in norm: Norm) throws -> [Float] {
    try text.split(separator: ",").map { try number(String($0), option, in: norm) }
  }

  /// - Parameter norm: nil if it follows from the attack, which then checks the number.
  /// - Throws: `ValidationError` that names the option, also for a budget out of the norm's range.
  static func number(_ text: String, _ option: String, in norm: Norm? = nil) throws -> Float {
    guard let value: Float = fraction(text), value >= 0 else {
      throw ValidationError("\(option) takes numbers such as 0.5 or 8/255, not '\(text)'.")
    }
    if let norm {
      do { try BudgetRange.check(value, in: norm, name: option) } catch { throw ValidationError("\(error)") }
    }
    return value
  }
}
