import Compute
import NeuralNet
import Testing

/// A generator and a discriminator of 8×8 pictures.
private enum SmallPair {
  static func generator(latent: Int = 4) -> Network {
    var build = NetworkBuilder(inputShape: [latent], seed: 1)
    build.linear("project", features: 6 * 16)
    build.append("grid", .reshape([0, 6, 4, 4]))
    build.batchNorm("norm")
    build.relu("relu")
    build.append(
      "up",
      .resize(
        ResizeSettings(
          .scale(height: 2, width: 2), method: .nearest, coordinates: .asymmetric, rounding: .floor)))
    build.convolution("colour", channels: 3, kernel: 3, bias: true)
    build.activation("picture", .tanh)
    return build.network
  }

  static func discriminator() -> Network {
    var build = NetworkBuilder(inputShape: [3, 8, 8], seed: 2)
    build.convolution("down", channels: 8, kernel: 4, stride: 2, padding: Padding(1), bias: true)
    build.activation("leaky", .leakyRelu(slope: 0.1))
    build.flatten("flat")
    build.linear("logit", features: 1)
    return build.network
  }

  static func trainer(
    _ settings: AdversarialTrainer.Settings, from other: AdversarialTrainer? = nil
  ) throws -> AdversarialTrainer {
    var rule = Adam.Settings()
    (rule.beta1, rule.beta2) = (0, 0.9)
    return try AdversarialTrainer(
      generator: other?.generator ?? generator(), discriminator: other?.discriminator ?? discriminator(),
      settings: settings, generatorOptimiser: other?.generatorOptimiser ?? Adam(rule),
      discriminatorOptimiser: other?.discriminatorOptimiser ?? Adam(rule), average: other?.average.tensors,
      singularVectors: other?.spectrum?.vectors)
  }

  /// Bright pictures with a dark lower half.
  @Sendable static func fill(_: Int, _ samples: Range<Int>, _ input: UnsafeMutableBufferPointer<Float>) {
    for index in input.indices { input[index] = index % 192 < 96 ? 0.8 : -0.6 }
  }
}

@Suite("Generators and discriminators")
struct AdversarialTrainingTests {
  private let settings: AdversarialTrainer.Settings = {
    var settings = AdversarialTrainer.Settings()
    settings.batch = 8
    settings.augmentation = nil
    settings.averageDecay = 0.9
    return settings
  }()

  private func mean(_ network: Network) throws -> (upper: Float, lower: Float) {
    let executor = try Executor(network, batch: 16, use: .inference)
    var generator = SeededGenerator(seed: 9)
    let pictures = try executor.infer(.normal([16, 4], using: &generator))
    var sums: (Float, Float) = (0, 0)
    for index in 0..<pictures.count {
      if index % 64 < 32 { sums.0 += pictures[index] } else { sums.1 += pictures[index] }
    }
    let half = Float(pictures.count / 2)
    return (sums.0 / half, sums.1 / half)
  }

  @Test("gradients of a generator of several doublings agree with central differences")
  func generatorGradients() throws {
    var build = NetworkBuilder(inputShape: [5], seed: 3)
    build.linear("project", features: 8 * 16)
    build.append("grid", .reshape([0, 8, 4, 4]))
    build.batchNorm("norm0")
    let twice = ResizeSettings(
      .scale(height: 2, width: 2), method: .nearest, coordinates: .asymmetric, rounding: .floor)
    for layer in 1...2 {
      build.append("up\(layer)", .resize(twice))
      build.convolution("conv\(layer)", channels: 8 / layer, kernel: 3)
      build.batchNorm("norm\(layer)")
    }
    build.convolution("colour", channels: 3, kernel: 3, bias: true)
    build.activation("picture", .tanh)
    // Without ReLUs, whose kinks a difference of this size crosses in some of so many places.
    let check = try GradientCheck(build.network, batch: 4)
    #expect(try check.parameterDeviation() < 1e-2)
  }

  @Test("a generator learns the distribution of real pictures", arguments: AdversarialLoss.allCases)
  func learns(_ loss: AdversarialLoss) throws {
    var settings = settings
    settings.loss = loss
    let trainer = try SmallPair.trainer(settings)
    let before = try mean(trainer.averagedGenerator)
    for _ in 0..<300 {
      _ = try trainer.step(generatorRate: 2e-3, discriminatorRate: 4e-3, fill: SmallPair.fill)
    }
    let after = try mean(trainer.averagedGenerator)
    #expect(after.upper - after.lower > 0.6, "\(before), \(after)")
    #expect(before.upper - before.lower < 0.3)
  }

  @Test("the same seed gives the same networks, and a resumed run is identical")
  func resumes() throws {
    var settings = settings
    settings.augmentation = DifferentiableAugmentation()
    settings.discriminatorSteps = 2
    func step(_ trainer: AdversarialTrainer) throws {
      _ = try trainer.step(generatorRate: 1e-3, discriminatorRate: 1e-3, fill: SmallPair.fill)
    }
    let whole = try SmallPair.trainer(settings)
    for _ in 0..<6 { try step(whole) }
    let first = try SmallPair.trainer(settings)
    for _ in 0..<3 { try step(first) }
    let second = try SmallPair.trainer(settings, from: first)
    for _ in 0..<3 { try step(second) }
    #expect(second.stepsDone == 6)
    #expect(whole.generator.parameters == second.generator.parameters)
    #expect(whole.discriminator.parameters == second.discriminator.parameters)
    #expect(whole.average.tensors == second.average.tensors)
    #expect(whole.judgingDiscriminator.parameters == second.judgingDiscriminator.parameters)
    settings.seed = 2
    let other = try SmallPair.trainer(settings)
    for _ in 0..<6 { try step(other) }
    #expect(other.generator.parameters != whole.generator.parameters)
  }

  @Test("a diverging run ends with the step's number")
  func notFinite() throws {
    // Weights that are divided by their largest singular value cannot blow up.
    var settings = settings
    settings.normalisesSpectrum = false
    let trainer = try SmallPair.trainer(settings)
    let error = #expect(throws: NeuralNetError.self) {
      for _ in 0..<20 {
        _ = try trainer.step(generatorRate: 1e30, discriminatorRate: 1e30, fill: SmallPair.fill)
      }
    }
    #expect(error.map { "\($0)".contains("training step") } == true)
  }

  @Test(
    "losses agree with their definition, and gradients with central differences", arguments: AdversarialLoss.allCases)
  func losses(_ loss: AdversarialLoss) throws {
    let logits = Tensor([4, 1], [-1.7, 0.3, 2.1, -0.4])
    for part in [loss.ofReal, loss.ofGenerated, loss.ofGenerator] {
      let value = try part(logits, 8)
      for i in 0..<4 {
        var (up, down) = (logits, logits)
        up[i] += 1e-2
        down[i] -= 1e-2
        let slope = try (part(up, 8).value - part(down, 8).value) / 2e-2
        #expect(abs(slope - value.gradient[i]) < 1e-3, "\(i): \(slope), \(value.gradient[i])")
      }
    }
    // max(0, 1 - x) of the four logits is 2.7, 0.7, 0, 1.4; max(0, 1 + x) is 0, 1.3, 3.1, 0.6.
    let hinge = AdversarialLoss.hinge
    #expect(abs(try hinge.ofReal(logits, total: 8).value - 4.8 / 8) < 1e-6)
    #expect(abs(try hinge.ofGenerated(logits, total: 8).value - 5 / 8) < 1e-6)
    #expect(abs(try hinge.ofGenerator(logits, total: 8).value + 0.3 / 8) < 1e-6)
  }
}

@Suite("Spectral normalisation")
struct SpectralNormalisationTests {
  /// The largest singular value by many rounds in double precision, from another start.
  private func sigma(_ weight: Tensor) -> Double {
    let (rows, columns) = (weight.shape[0], weight.count / weight.shape[0])
    var v = (0..<columns).map { Double($0 % 7) + 1 }
    var sigma = 0.0
    for _ in 0..<300 {
      var u = [Double](repeating: 0, count: rows)
      for row in 0..<rows {
        for column in 0..<columns { u[row] += Double(weight[row * columns + column]) * v[column] }
      }
      v = [Double](repeating: 0, count: columns)
      for row in 0..<rows {
        for column in 0..<columns { v[column] += Double(weight[row * columns + column]) * u[row] }
      }
      let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      sigma = length.squareRoot()
      v = v.map { $0 / length }
    }
    return sigma
  }

  @Test("after some rounds σ is the largest singular value, and the weights are divided by it")
  func values() throws {
    let network = SmallPair.discriminator()
    var spectrum = SpectralNormalisation(network, seed: 3)
    var divided: [String: Tensor] = [:]
    for _ in 0..<200 { divided = spectrum.normalised(network.parameters) }
    #expect(Set(spectrum.names) == ["down.weight", "logit.weight"])
    for name in spectrum.names {
      let weight = try #require(network.parameters[name])
      let expected = sigma(weight)
      #expect(abs(Double(try #require(spectrum.sigmas[name])) - expected) < 1e-4 * expected)
      #expect(abs(sigma(try #require(divided[name])) - 1) < 1e-3)
    }
    #expect(divided["down.bias"] == network.parameters["down.bias"])
  }

  @Test("gradients through the division agree with central differences of w ↦ ⟨p, W / u·Wv⟩")
  func gradients() throws {
    let network = SmallPair.discriminator()
    var spectrum = SpectralNormalisation(network, seed: 3)
    _ = spectrum.normalised(network.parameters)
    let name = "down.weight"
    let weight = try #require(network.parameters[name])
    var generator = SeededGenerator(seed: 4)
    let probe = Tensor.normal(weight.shape, using: &generator)
    // With the vectors at hand σ is linear in the weights: its differences tell u·vᵀ, whatever they are.
    func value(_ changed: Tensor) throws -> (probe: Double, sigma: Double) {
      let sigma = try bilinear(spectrum, network, changed, name)
      return (changed.dot(probe) / sigma, sigma)
    }
    let gradient = try #require(spectrum.gradients(ofNormalised: [name: probe])[name])
    for offset in stride(from: 0, to: weight.count, by: 37) {
      var (up, down) = (weight, weight)
      up[offset] += 1e-2
      down[offset] -= 1e-2
      let slope = try (value(up).probe - value(down).probe) / Double(up[offset] - down[offset])
      #expect(abs(slope - Double(gradient[offset])) < 2e-3 * Double(gradient.largest), "\(offset)")
    }
    var wrong = gradient
    wrong[0] += gradient.largest
    #expect(wrong != gradient)
  }

  /// uᵀ(W + D)v of the last `normalised`, for a small change D, by one round that starts from u on a matrix whose only
  /// difference is D: exact to second order, and the differences above are central.
  private func bilinear(
    _ spectrum: SpectralNormalisation, _ network: Network, _ changed: Tensor, _ name: String
  ) throws -> Double {
    let (rows, columns) = (changed.shape[0], changed.count / changed.shape[0])
    let weight = try #require(network.parameters[name])
    let start = try #require(spectrum.vectors[name])
    func normed(_ x: [Double]) -> [Double] {
      let length = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return x.map { $0 / length }
    }
    func product(_ matrix: Tensor, _ x: [Double]) -> [Double] {
      (0..<rows).map { row in
        var sum = 0.0
        for column in 0..<columns { sum += Double(matrix[row * columns + column]) * x[column] }
        return sum
      }
    }
    var v = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      for column in 0..<columns { v[column] += Double(weight[row * columns + column]) * Double(start[row]) }
    }
    v = normed(v)
    let u = normed(product(weight, v))
    return zip(u, product(changed, v)).reduce(0) { $0 + $1.0 * $1.1 }
  }
}

@Suite("Differentiable augmentation")
struct DifferentiableAugmentationTests {
  @Test(
    "the gradient is the transpose of the transformation",
    arguments: DifferentiableAugmentation.Kind.allCases.map { [$0] } + [DifferentiableAugmentation.Kind.allCases])
  func gradient(_ kinds: [DifferentiableAugmentation.Kind]) {
    let augmentation = DifferentiableAugmentation(Set(kinds))
    var generator = SeededGenerator(seed: 5)
    let x = Tensor.normal([3, 3, 17, 19], using: &generator)
    let probe = Tensor.normal(x.shape, using: &generator)
    let draws = augmentation.draws(3, height: 17, width: 19, using: &generator)
    let y = augmentation.forward(x, draws)
    #expect(y != x)
    let gradient = augmentation.backward(probe, draws)
    for offset in stride(from: 0, to: x.count, by: 61) {
      var (up, down) = (x, x)
      up[offset] += 0.1
      down[offset] -= 0.1
      let slope =
        (augmentation.forward(up, draws).dot(probe) - augmentation.forward(down, draws).dot(probe))
        / Double(up[offset] - down[offset])
      #expect(abs(slope - Double(gradient[offset])) < 1e-3, "\(offset): \(slope), \(gradient[offset])")
    }
  }

  @Test("translation moves pixels, cutout clears a square, contrast keeps means")
  func effects() {
    var generator = SeededGenerator(seed: 6)
    let x = Tensor([1, 1, 16, 16], (0..<256).map { 1 + Float($0) })
    let translation = DifferentiableAugmentation([.translation])
    var seen = Set<Float>()
    for _ in 0..<40 {
      let moved = translation.forward(x, translation.draws(1, height: 16, width: 16, using: &generator))
      let places = moved.values.enumerated().filter { $0.element > 0 }
      // All that is left has been moved by the same way.
      let shifts = Set(places.map { Float($0.offset) - ($0.element - 1) })
      #expect(shifts.count == 1 && places.count >= 14 * 14)
      seen.formUnion(shifts)
    }
    #expect(seen.count > 10)
    let cutout = DifferentiableAugmentation([.cutout])
    let cut = cutout.forward(x, cutout.draws(1, height: 16, width: 16, using: &generator))
    #expect((16...64).contains(cut.values.count { $0 == 0 }))
    #expect(zip(cut.values, x.values).allSatisfy { $0 == 0 || $0 == $1 })
  }
}
