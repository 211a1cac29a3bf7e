import Compute
import Datasets
import Foundation
import Metrics
import Models
import NeuralNet
import TestSupport
import Testing
import TrainingSupport
import Verdicts

@testable import Runs
@testable import Scoring
@testable import Training

@Suite("Resumed training")
struct ResumedTrainingTests {
  private let folder = ScratchFolder()

  private func options(_ name: String, crops: String) -> TrainOptions { .small(name, crops: crops, in: folder) }

  @Test("an interrupted run leaves a checkpoint that leads to the same model")
  func resumes() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20)
    let whole = options("whole", crops: crops)
    _ = try trainDetector(whole)

    var parts = options("parts", crops: crops)
    let data = try TrainingData(parts)
    try data.split.write(to: parts.splitPath)
    let interruption = Interruption()
    var run = try TrainingRun(parts, data: data)
    let progress = ProgressLine(unit: "steps", quiet: true)
    run.afterStep = { if $0 == 4 { interruption.receive(SIGINT) } }
    try run.run(interruption, progress: progress)
    #expect(!run.isComplete)
    #expect(!FileManager.default.fileExists(atPath: parts.output))

    parts.resume = true
    _ = try trainDetector(parts)
    let first = try loadModel(at: whole.output).detector
    let second = try loadModel(at: parts.output).detector
    #expect(first.network.parameters == second.network.parameters)
    #expect(first.calibration == second.calibration)
  }

  @Test("settings that differ from the checkpoint's are refused by name")
  func otherSettings() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20)
    var options = options("other", crops: crops)
    let data = try TrainingData(options)
    try data.split.write(to: options.splitPath)
    try TrainingRun(options, data: data).saveCheckpoint()
    options.resume = true
    options.optimisation.learningRate = 0.5
    let error = #expect(throws: WorkflowError.self) { try TrainingRun(options, data: data) }
    #expect(error?.description.contains("--learning-rate 0.01") == true)
  }
}
