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

@Suite("Kernel classifiers")
struct KernelClassifierTests {
  private let folder = ScratchFolder()

  private func options(_ name: String, crops: String) -> TrainOptions { .small(name, crops: crops, in: folder) }

  @Test("a kernel classifier is fitted in closed form, written as a model, and reproducible")
  func kernel() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 64, smoothFakes: true)
    var options = options("kernel", crops: crops)
    options.network = "residual-cooccurrence"
    options.kernel = KernelOptions()
    options.kernel?.components = 4
    options.kernel?.copies = 1
    let summary = try trainDetector(options)
    #expect(summary.table.contains("validation AUC 1.0000"), "\(summary.table)")
    #expect(summary.table.contains("solved for 48 crops"), "\(summary.table)")
    let model = try loadModel(at: options.output)
    #expect(model.detector.card.settings["kernel-components"] == "4")
    #expect(model.detector.card.settings["epochs"] == nil)
    options.output = folder.path("again.safetensors")
    _ = try trainDetector(options)
    #expect(try loadModel(at: options.output).sha256 == model.sha256)
    options.output = folder.path("refit.safetensors")
    options.kernel?.refits = true
    let refit = try trainDetector(options).table
    // 24 + 8 crops of 16 sources, each once more augmented.
    #expect(refit.contains("solved for 64 crops") && refit.contains("validation AUC 1.0000"), "\(refit)")
    #expect(try loadModel(at: options.output).detector.card.settings["kernel-refit"] == "true")
    // What it was fitted to in the end says nothing any more; the test part does.
    var measure = EvaluateOptions(data: crops)
    measure.modelPath = options.output
    measure.quiet = true
    measure.resamples = 100
    _ = try evaluateDetector(measure)
    measure.part = .validation
    let error = #expect(throws: WorkflowError.self) { try evaluateDetector(measure) }
    #expect(error.map { "\($0)".contains("validation part") } == true)
    options.kernel?.refits = false
    options.network = "paper-cnn"
    #expect(throws: WorkflowError.self) { try trainDetector(options) }
    options.network = "residual-cooccurrence"
    options.kernel?.components = 24
    #expect(throws: WorkflowError.self) { try trainDetector(options) }
  }
}
