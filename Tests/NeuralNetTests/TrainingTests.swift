import Compute
import NeuralNet
import Safetensors
import Testing

@Suite("TRADES")
struct TradesLossTests {
  private let labels: [Float] = [1, 0, 0.3, 1, 0, 0.3]
  private let logits = Tensor([6, 1], [0.4, -1.2, 2, -0.7, 0.1, 2])

  @Test("the gradient agrees with central differences")
  func gradient() throws {
    let loss = TradesLoss(beta: 3, labelSmoothing: 0.1)
    let weights: [Float] = [1, 2, 1, 1, 2, 1]
    func value(_ logits: Tensor) throws -> LossValue {
      try loss.value(logits, labels: labels, weights: weights, totalWeight: 8)
    }
    let gradient = try value(logits).gradient
    for i in 0..<6 {
      var (up, down) = (logits, logits)
      up[i] += 1e-2
      down[i] -= 1e-2
      let slope = try (value(up).value - value(down).value) / 2e-2
      #expect(abs(slope - gradient[i]) < 1e-3, "\(i): \(slope), \(gradient[i])")
    }
  }

  @Test("equal copies have no divergence, and unequal halves are an error")
  func agreement() throws {
    let twice = Tensor([6, 1], [0.4, -1.2, 2, 0.4, -1.2, 2])
    let plain = try BinaryCrossEntropy().value(
      Tensor([3, 1], [0.4, -1.2, 2]), labels: Array(labels[..<3]), weights: nil, totalWeight: 3)
    let pairs = try TradesLoss(beta: 6).value(twice, labels: labels, weights: nil, totalWeight: 6)
    #expect(abs(plain.value - pairs.value) < 1e-6)
    #expect(pairs.gradient.values[3...].allSatisfy { abs($0) < 1e-6 })
    #expect(throws: NeuralNetError.self) {
      try TradesLoss().value(Tensor([3, 1]), labels: [1, 0, 1], weights: nil, totalWeight: 3)
    }
  }
}

@Suite("Losses and optimisers")
struct OptimiserTests {
  @Test(
    "binary cross-entropy agrees with its definition, gradients with central differences", arguments: [Float(0), 0.1])
  func loss(smoothing: Float) throws {
    let loss = BinaryCrossEntropy(labelSmoothing: smoothing)
    let logits = Tensor([4, 1], [-3, 0.5, 2, -0.1])
    let labels: [Float] = [0, 1, 0, 1]
    let weights: [Float] = [1, 2, 0.5, 1]
    let value = try loss(logits, labels: labels, weights: weights)
    var expected: Float = 0
    for i in 0..<4 {
      let p = 1 / (1 + Float.exponential(-logits[i]))
      let target = labels[i] * (1 - smoothing) + smoothing / 2
      expected -= weights[i] / 4.5 * (target * p.logarithm + (1 - target) * (1 - p).logarithm)
    }
    #expect(abs(value.value - expected) < 1e-5)
    for i in 0..<4 {
      var up = logits
      up[i] += 1e-2
      var down = logits
      down[i] -= 1e-2
      let difference =
        try (loss(up, labels: labels, weights: weights).value - loss(down, labels: labels, weights: weights).value)
        / 2e-2
      #expect(abs(difference - value.gradient[i]) < 1e-4)
    }
  }

  @Test("huge logits give a finite loss", arguments: [Float(-2000), 2000])
  func hugeLogits(_ logit: Float) throws {
    let value = try BinaryCrossEntropy()(Tensor([1, 1], [logit]), labels: [logit > 0 ? 0 : 1])
    #expect(value.value == 2000)
    #expect(abs(value.gradient[0]) == 1)
  }

  @Test("invalid labels and weights are errors")
  func badLabels() {
    let logits = Tensor([2, 1])
    #expect(throws: NeuralNetError.self) { try BinaryCrossEntropy()(logits, labels: [1]) }
    #expect(throws: NeuralNetError.self) { try BinaryCrossEntropy()(logits, labels: [1, 1.5]) }
    #expect(throws: NeuralNetError.self) { try BinaryCrossEntropy()(logits, labels: [1, .nan]) }
    #expect(throws: NeuralNetError.self) { try BinaryCrossEntropy()(logits, labels: [1, 0], weights: [0, 0]) }
    #expect(throws: NeuralNetError.self) { try BinaryCrossEntropy()(logits, labels: [1, 0], weights: [1, -1]) }
  }

  /// Made by `Tests/Golden/adamw.py`.
  @Test("Adam follows torch's AdamW")
  func adam() throws {
    var settings = Adam.Settings()
    settings.weightDecay = 0.1
    var adam = Adam(settings)
    var parameters = ["w": Tensor([1, 3], [1, -2, 0.5]), "b": Tensor([1], [0.3]), "fixed": Tensor([1], [4])]
    for step in 0..<5 {
      let k = Float(step + 1)
      let gradients = ["w": Tensor([1, 3], [0.1 * k, -0.2, 0.3 / k]), "b": Tensor([1], [-0.5])]
      adam.update(&parameters, gradients, learningRate: 0.01)
    }
    let expected: [Float] = [0.9465994, -1.9401201, 0.453584]
    let values = try #require(parameters["w"]?.values)
    #expect(values.count == expected.count && zip(values, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(abs((parameters["b"]?[0] ?? 0) - 0.35) < 1e-6)
    #expect(parameters["fixed"]?[0] == 4)
    #expect(adam.state.step == 5)
  }

  /// Made by `Tests/Golden/sgd.py`.
  @Test("gradient descent follows torch's SGD with Nesterov momentum, with decoupled weight decay")
  func sgd() throws {
    func steps(weightDecay: Float) -> [String: Tensor] {
      var settings = SGD.Settings()
      settings.weightDecay = weightDecay
      var sgd = SGD(settings)
      var parameters = ["w": Tensor([1, 3], [1, -2, 0.5]), "b": Tensor([1], [0.3]), "fixed": Tensor([1], [4])]
      for k in 1...5 {
        let gradients = ["w": Tensor([1, 3], [0.1 * Float(k), -0.2, 0.3 / Float(k)]), "b": Tensor([1], [-0.5])]
        sgd.update(&parameters, gradients, learningRate: 0.01)
      }
      #expect(sgd.state.step == 5)
      return parameters
    }
    let plain = steps(weightDecay: 0)
    let expected: [Float] = [0.9564672, -1.9663407, 0.4731891]
    let values = try #require(plain["w"]?.values)
    #expect(values.count == expected.count && zip(values, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(abs((plain["b"]?[0] ?? 0) - 0.3841485) < 1e-6)
    #expect(plain["fixed"]?[0] == 4)
    let decayed = steps(weightDecay: 1)
    // Five times one per cent off a weight of about -2.
    #expect(abs((decayed["w"]?[1] ?? 0) + 1.9663407 - 5 * 0.0195) < 0.002)
    #expect(decayed["b"] == plain["b"])
  }

  @Test("averaged weights follow slowly, except in the first steps")
  func average() {
    var average = WeightAverage(decay: 0.9, startingFrom: ["w": Tensor([1], [0])])
    average.update(["w": Tensor([1], [1]), "late": Tensor([1], [3])], step: 0)
    #expect(abs((average.tensors["w"]?[0] ?? 0) - 0.9) < 1e-6)
    #expect(average.tensors["late"]?[0] == 3)
    for step in 1000..<1010 { average.update(["w": Tensor([1], [0])], step: step) }
    #expect(abs((average.tensors["w"]?[0] ?? 0) - 0.9 * 0.348678) < 1e-5)
  }

  @Test("the learning rate warms up, then decays along a cosine")
  func schedule() {
    let schedule = LearningRateSchedule(peak: 1, floor: 0.1, warmUpSteps: 4, totalSteps: 14)
    #expect((0..<5).map(schedule.rate) == [0.25, 0.5, 0.75, 1, 1])
    #expect(abs(schedule.rate(step: 13) - 0.1) < 1e-6)
    #expect(schedule.rate(step: 100) == 0.1)
    #expect((4..<13).allSatisfy { schedule.rate(step: $0) > schedule.rate(step: $0 + 1) })
  }

  @Test("gradients are clipped to a global norm")
  func clipping() {
    var gradients = ["a": Tensor([2], [3, 0]), "b": Tensor([1], [-4])]
    #expect(GradientNorm.clip(&gradients, to: 10) == 5)
    #expect(gradients["a"]?[0] == 3)
    #expect(GradientNorm.clip(&gradients, to: 1) == 5)
    #expect(abs(GradientNorm.of(gradients) - 1) < 1e-6)
  }
}

@Suite("Training")
struct TrainingTests {
  /// Bright centres are fake: easy to learn, and not linear in a single pixel.
  static func fill(_ samples: Range<Int>, step: Int, size: Int, _ pixels: UnsafeMutableBufferPointer<Float>) {
    let count = size * size * 3
    for (row, sample) in samples.enumerated() {
      var generator = SeededGenerator(seed: 9, path: [UInt64(step), UInt64(sample)])
      for i in 0..<count {
        let place = i / 3
        let central = abs(place / size - size / 2) < 3 && abs(place % size - size / 2) < 3
        pixels[row * count + i] = generator.normal() + (central && sample % 2 == 1 ? 2 : 0)
      }
    }
  }

  static func train(workers: Int, steps: Int, seed: UInt64 = 1) throws -> (trainer: DataParallelTrainer, last: Float) {
    let trainer = try DataParallelTrainer(
      SampleNetworks.paper(), batch: 16, workers: workers, gradientNormLimit: 5, seed: seed)
    var last: Float = 0
    for step in 0..<steps {
      last = try trainer.step(labels: (0..<16).map { Float($0 % 2) }, learningRate: 3e-3) {
        fill($0, step: step, size: 16, $1)
      }.loss
    }
    return (trainer, last)
  }

  @Test("a network learns an easy task, with one worker and with two", arguments: [1, 2])
  func learns(workers: Int) throws {
    let (trainer, last) = try Self.train(workers: workers, steps: 60)
    #expect(last < 0.35)
    // The running statistics are good enough for inference, on pictures that were not seen.
    let executor = try Executor(trainer.network, batch: 32, use: .inference)
    executor.withInput { Self.fill(0..<32, step: 1000, size: 16, $0) }
    let logits = try executor.infer(count: 32)
    let right = (0..<32).count { (logits[$0] > 0) == ($0 % 2 == 1) }
    #expect(right >= 29)
  }

  @Test("training depends on the seed", arguments: [1, 2])
  func deterministic(workers: Int) throws {
    let a = try Self.train(workers: workers, steps: 5).trainer.network.parameters
    let b = try Self.train(workers: workers, steps: 5).trainer.network.parameters
    let c = try Self.train(workers: workers, steps: 5, seed: 2).trainer.network.parameters
    #expect(a == b)
    #expect(a != c)
  }

  @Test("without batch norm and dropout, two workers equal one")
  func workersAgree() throws {
    var build = NetworkBuilder(inputShape: [3, 8, 8], seed: 1)
    build.convolution("conv", channels: 4, kernel: 3, bias: true)
    build.relu("relu")
    build.flatten("flat")
    build.linear("logit", features: 1)
    let network = build.network
    var results: [Tensor] = []
    for workers in [1, 2, 3] {
      let trainer = try DataParallelTrainer(network, batch: 8, workers: workers, seed: 1)
      for step in 0..<3 {
        let labels = (0..<8).map { Float($0 % 2) }
        let weights = (0..<8).map { Float(1 + $0 % 3) }
        _ = try trainer.step(labels: labels, weights: weights, learningRate: 1e-2) {
          Self.fill($0, step: step, size: 8, $1)
        }
      }
      results.append(trainer.network.parameters["conv.weight"] ?? Tensor([0]))
    }
    #expect(deviation(results[1], results[0]) < 1e-4)
    #expect(deviation(results[2], results[0]) < 1e-4)
  }

  @Test("a checkpoint resumes the run")
  func resume() throws {
    let labels = (0..<16).map { Float($0 % 2) }
    let (whole, _) = try Self.train(workers: 2, steps: 6)
    let (half, _) = try Self.train(workers: 2, steps: 3)
    let bytes = try Checkpoint(network: half.network, optimiser: half.optimiser.state).file().encoded()
    let saved = try Checkpoint(SafetensorsFile(bytes))
    let resumed = try DataParallelTrainer(
      saved.network, batch: 16, workers: 2, optimiser: Adam(state: saved.optimiser), gradientNormLimit: 5, seed: 1)
    #expect(resumed.stepsDone == 3)
    for step in 3..<6 {
      _ = try resumed.step(labels: labels, learningRate: 3e-3) { Self.fill($0, step: step, size: 16, $1) }
    }
    #expect(resumed.network.parameters == whole.network.parameters)
  }

  @Test("NaN stops training with the step and the layer")
  func notFinite() throws {
    var network = SampleNetworks.paper()
    network.parameters["hidden.bias"] = Tensor([8], repeating: .nan)
    let trainer = try DataParallelTrainer(network, batch: 16, workers: 2, seed: 1)
    let error = #expect(throws: NeuralNetError.self) {
      try trainer.step(labels: (0..<16).map { Float($0 % 2) }, learningRate: 1e-3) {
        Self.fill($0, step: 0, size: 16, $1)
      }
    }
    #expect(error.map { "\($0)".contains("step 0") && "\($0)".contains("'hidden'") } == true)
  }

  @Test("an error from the caller's closure reaches the caller")
  func fillingFails() throws {
    struct Broken: Error {}
    let trainer = try DataParallelTrainer(SampleNetworks.paper(), batch: 16, workers: 2, seed: 1)
    #expect(throws: Broken.self) {
      try trainer.step(labels: (0..<16).map { Float($0 % 2) }, learningRate: 1e-3) { samples, _ in
        if samples.contains(15) { throw Broken() }
      }
    }
  }
}

extension Float {
  /// Natural logarithm without an import of the C library: Newton's method on `exponential`.
  fileprivate var logarithm: Float {
    var y: Float = 0
    for _ in 0..<50 { y += self / Float.exponential(y) - 1 }
    return y
  }
}
