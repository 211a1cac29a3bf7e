import Compute

/// Normalised co-occurrence histograms of neighbouring values.
final class CooccurrenceStep: Step {
  let needs: StepNeeds
  private let kernel: Cooccurrence
  private let samples: Int
  private let sampleCount: Int

  /// - Parameter shape: `[N, C, H, W]` of the input.
  init(_ settings: CooccurrenceSettings, shape: Shape) {
    kernel = Cooccurrence(settings, height: shape[2], width: shape[3], channels: shape[1])
    samples = shape[0]
    sampleCount = shape.count / max(shape[0], 1)
    needs = StepNeeds(scratchBytes: kernel.scratchBytes, backwardReadsInput: true)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    for sample in 0..<samples {
      kernel.forward(
        x: memory.inputs[0] + sample * sampleCount, y: memory.output + sample * kernel.resultCount,
        scratch: memory.scratch)
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    for sample in 0..<samples {
      kernel.backward(
        x: memory.inputs[0] + sample * sampleCount, dy: dy + sample * kernel.resultCount,
        dx: dx + sample * sampleCount, scratch: memory.scratch)
    }
  }
}
