package import Attacks
import Compute
package import Datasets
import Decoder
import Foundation
import Imaging
package import Runs
package import Scoring

/// Runs every trial on every crop, distributed over workers, and records each outcome.
package struct AttackGrid {
  package let options: AttackOptions
  /// The crops as stored; `view(for:)` has those that a target takes.
  package let set: CropSet
  package let plan: AttackPlan
  let targets: [any AttackTarget]
  /// Surrogates on which the perturbations are computed; empty if each target is attacked directly.
  package let sources: [AttackModel]
  package let log: AttackLog
  /// Nil if no face detector checks the crops.
  var faceSearch: FaceSearch?

  /// The targets that are models: all of them, or none if a face detector is attacked.
  package var models: [AttackModel] { targets.compactMap { $0 as? AttackModel } }

  /// The crops as a target takes them: a model at its own size and framing.
  package func view(for target: any AttackTarget) throws -> CropSet {
    try (target as? AttackModel)?.view(of: set) ?? set
  }

  /// The models without defences.
  package var loaded: [LoadedModel] { models.filter { $0.defence == nil }.map(\.loaded) }

  /// One crop under one attack, at all budgets that share a search.
  private struct Job {
    var target: Int
    var trials: [AttackPlan.Trial]
    var crop: Int
  }

  /// - Returns: false when the run was interrupted.
  package func run(_ interruption: Interruption, progress: ProgressLine) throws -> Bool {
    var jobs: [Job] = []
    var total = 0
    for (index, target) in targets.enumerated() {
      for trials in sharingSearches(trials(target)) {
        total += trials.count * plan.crops.count
        jobs += plan.crops.map { crop in
          Job(target: index, trials: trials.filter { log[entry(target, $0, crop)] == nil }, crop: crop)
        }
      }
    }
    jobs = jobs.filter { !$0.trials.isEmpty }
    progress.setTotal(total)
    progress.advance(by: total - jobs.reduce(0) { $0 + $1.trials.count })
    let pending = jobs
    let done: [Void]? = try parallelMap(
      count: pending.count, workers: options.workers, isCancelled: { interruption.isRequested },
      context: { _ in try AttackBench(self) }
    ) { bench, index in
      try run(pending[index], on: &bench, progress: progress)
    }
    return done != nil
  }

  /// Attacks one crop and records the outcomes.
  private func run(_ job: Job, on bench: inout AttackBench, progress: ProgressLine) throws {
    let results = try bench.attack(job.crop, under: job.trials, target: job.target)
    for (trial, result) in zip(job.trials, results) {
      var (crop, outcome) = result
      outcome.sighting = try bench.sighting(of: crop, instead: job.crop, target: job.target)
      if options.flagRate != nil { outcome.disagreement = try bench.disagreement(of: crop, model: job.target) }
      try log.append(entry(targets[job.target], trial, job.crop), outcome)
      progress.advance(note: "\(trial.attack) \(trial.budget)")
    }
  }

  /// The trials of a target, including those for the masking checks if they apply to it.
  private func trials(_ target: any AttackTarget) -> [AttackPlan.Trial] {
    plan.trials + (target.isDefenceKnown ? plan.checks?.all ?? [] : []).filter { !plan.trials.contains($0) }
  }

  /// Groups trials that a single search answers together; all other trials stay separate.
  private func sharingSearches(_ trials: [AttackPlan.Trial]) -> [[AttackPlan.Trial]] {
    var groups: [[AttackPlan.Trial]] = []
    for trial in trials {
      let isShared = options.attack(trial)?.usesBudget == false
      if isShared,
        let position = groups.firstIndex(where: { $0[0].attack == trial.attack && $0[0].steps == trial.steps })
      {
        groups[position].append(trial)
      } else {
        groups.append([trial])
      }
    }
    return groups
  }

  package func entry(_ target: any AttackTarget, _ trial: AttackPlan.Trial, _ crop: Int) -> AttackLog.Entry {
    let name = trial.steps.map { "\(trial.attack) in \($0)" } ?? trial.attack
    return AttackLog.Entry(model: target.key, attack: name, epsilon: trial.epsilon, crop: crop)
  }

  /// The correct answer of a target for a crop.
  package func truth(of crop: Int, for target: any AttackTarget) -> TrueClass {
    target.truth(of: set.records[crop].item.label)
  }

  /// Outcomes of a trial, in the order of the plan's crops.
  package func outcomes(_ target: any AttackTarget, _ trial: AttackPlan.Trial) -> [AttackOutcome] {
    plan.crops.compactMap { log[entry(target, trial, $0)] }
  }
}

/// Oracles and prepared attacks of one worker.
struct AttackBench {
  private let grid: AttackGrid
  /// The classifiers with their defences.
  private var judges: [Int: any GradientOracle] = [:]
  /// The classifiers without defences, for attacks that ignore the defence.
  private var bare: [Int: any GradientOracle] = [:]
  private var meters: [Int: DisagreementMeter] = [:]
  private var views: [Int: CropSet] = [:]
  private var searches: [Int: CropSearch] = [:]
  /// Whether the face is found in each clean crop, by target.
  private var isFound: [Int: [Int: Bool]] = [:]
  private var sourceOracle: (any GradientOracle)?
  private var learned: [String: any Attack] = [:]

  init(_ grid: AttackGrid) throws {
    self.grid = grid
    if !grid.sources.isEmpty { sourceOracle = EnsembleOracle(try grid.sources.map { try $0.oracle() }) }
  }

  /// The crops as a target takes them.
  mutating func view(_ target: Int) throws -> CropSet {
    let view = try views[target] ?? grid.view(for: grid.targets[target])
    views[target] = view
    return view
  }

  /// Attacks one crop; the result is independent of earlier attacks.
  mutating func attack(
    _ crop: Int, under trial: AttackPlan.Trial, target: Int
  ) throws -> (crop: CropPixels, outcome: AttackOutcome) {
    try attack(crop, under: [trial], target: target)[0]
  }

  /// Attacks one crop under several trials of one attack that differ only in their budgets.
  mutating func attack(
    _ crop: Int, under trials: [AttackPlan.Trial], target: Int
  ) throws -> [(crop: CropPixels, outcome: AttackOutcome)] {
    let judge = try judges[target] ?? grid.targets[target].oracle()
    judges[target] = judge
    let truth = grid.truth(of: crop, for: grid.targets[target])
    if let distortion = trials[0].distortion {
      let view = try view(target)
      return try trials.map {
        try distort(crop, of: view, by: distortion, severity: Int($0.epsilon ?? 1), truth: truth, judge: judge)
      }
    }
    let oracle = try sourceOracle ?? (grid.targets[target].isDefenceKnown ? judge : bareOracle(target))
    let attack = try prepared(trials[0], target: target, oracle: oracle)
    return try AttackRunner(oracle, judgedBy: judge, eightBit: grid.options.eightBit).run(
      attack, on: view(target).attackPixels(at: crop), truth: truth,
      epsilons: trials.map(\.epsilon), seed: grid.options.seed, item: crop)
  }

  /// Disagreement of the classifier on a crop under small changes; uses oracles that no attack uses.
  mutating func disagreement(of x: CropPixels, model: Int) throws -> Double {
    let meter = try meters[model] ?? DisagreementMeter(grid.models[model])
    meters[model] = meter
    return try meter.measure(x)
  }

  /// Whether the face detector finds the face before and after the attack; nil without a face detector.
  mutating func sighting(of perturbed: CropPixels, instead index: Int, target: Int) throws -> FaceSighting? {
    guard let faceSearch = grid.faceSearch else { return nil }
    let view = try view(target)
    let search = try searches[target] ?? faceSearch.open(view.header.crops.framing)
    searches[target] = search
    let crop = view.frame(at: index)
    let before = try isFound[target]?[index] ?? search.findsFace(in: crop)
    isFound[target, default: [:]][index] = before
    let changed = perturbed.frame
    return FaceSighting(
      before: before, after: changed.pixels == crop.pixels ? before : try search.findsFace(in: changed))
  }

  private mutating func bareOracle(_ target: Int) throws -> any GradientOracle {
    let oracle = try bare[target] ?? grid.targets[target].bareOracle()
    bare[target] = oracle
    return oracle
  }

  /// Distorts a crop; of several variants, keeps the one with the lowest margin of the true class.
  private func distort(
    _ crop: Int, of view: CropSet, by distortion: Distortion, severity: Int, truth: TrueClass, judge: any GradientOracle
  ) throws -> (crop: CropPixels, outcome: AttackOutcome) {
    let x = view.attackPixels(at: crop)
    let queries = judge.queries
    let clean = try judge.logit(of: x)
    var generator = SeededGenerator(seed: grid.options.seed, path: [UInt64(crop)])
    var (worst, logit) = (x, Float.nan)
    for frame in try distortion.apply(to: view.frame(at: crop), severity: severity, using: &generator) {
      let candidate = CropPixels(width: frame.width, height: frame.height, bytes: frame.pixels)
      let found = try judge.logit(of: candidate)
      if logit.isNaN || truth.margin(found) < truth.margin(logit) { (worst, logit) = (candidate, found) }
    }
    let isInitiallyCorrect = !truth.isFooled(by: clean)
    return (
      worst,
      AttackOutcome(
        cleanLogit: clean, perturbedLogit: logit, isInitiallyCorrect: isInitiallyCorrect,
        isSuccess: isInitiallyCorrect && truth.isFooled(by: logit),
        size: PerturbationSize(from: x, to: worst), queries: judge.queries - queries, gradients: 0)
    )
  }

  private mutating func prepared(
    _ trial: AttackPlan.Trial, target: Int, oracle: any GradientOracle
  ) throws -> any Attack {
    guard trial.attack == "universal" else {
      guard let attack = grid.options.attack(trial) else {
        throw WorkflowError.settings("there is no attack '\(trial.attack)'")
      }
      return attack
    }
    let key = "\(target) \(trial.budget)"
    if let known = learned[key] { return known }
    var generator = SeededGenerator(seed: grid.options.seed)
    let view = try view(target)
    let trainingCrops = grid.plan.trainingCrops.map {
      (x: view.attackPixels(at: $0), truth: grid.truth(of: $0, for: grid.targets[target]))
    }
    let attack = try UniversalPerturbation(
      learningFrom: trainingCrops, epsilon: trial.epsilon ?? 0, oracle: oracle, using: &generator)
    learned[key] = attack
    return attack
  }
}

extension AttackOptions {
  /// The attack of a trial with this run's settings; nil if it is not in the catalogue.
  package func attack(_ trial: AttackPlan.Trial) -> (any Attack)? {
    AttackCatalog.attack(trial.attack, steps: trial.steps ?? steps, restarts: restarts)
  }
}

extension AttackPlan.Trial {
  /// The budget as text: `8/255`, `0.5`, `50 pixels`.
  package var budget: String {
    guard let epsilon else { return "unlimited" }
    switch norm {
    case .linf:
      let levels = epsilon * 255
      return abs(levels - levels.rounded()) < 1e-3 ? "\(Int(levels.rounded()))/255" : "\(epsilon)"
    case .l2: return "\(epsilon)"
    case .l0: return "\(Int(epsilon)) pixels"
    case nil: return "severity \(Int(epsilon))"
    }
  }
}
