import Compute
import Imaging
import Models
import NeuralNet
import Safetensors
import TestSupport
import Testing

@Suite("Generators")
struct AdversarialDesignTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let size: Int
    var testDescription: String { "\(name), \(size)" }
    static let all = AdversarialCatalog.all.flatMap { entry in
      AdversarialCatalog.sizes.map { Case(name: entry.name, size: $0) }
    }

    var design: any AdversarialDesign {
      get throws {
        var design = try #require(AdversarialCatalog[name]).design
        design.size = size
        design.width = 8
        design.latent = 12
        return design
      }
    }
  }

  @Test("a generator's output matches its discriminator's input", arguments: Case.all)
  func shapes(_ c: Case) throws {
    let design = try c.design
    let generator = design.generator(seed: 1)
    let discriminator = design.discriminator(seed: 1)
    #expect(generator.inputShape == [12])
    #expect(try generator.shapes(batch: 2)[generator.outputs[0]] == [2, 3, c.size, c.size])
    #expect(discriminator.inputShape == [3, c.size, c.size])
    #expect(try discriminator.shapes(batch: 2)[discriminator.outputs[0]] == [2, 1])
    #expect(design.generator(seed: 1).parameters == generator.parameters)
    #expect(design.generator(seed: 2).parameters != generator.parameters)
    let hasNorm = discriminator.nodes.contains { if case .batchNorm = $0.operation { true } else { false } }
    #expect(hasNorm != design.normalisesSpectrum)
  }

  private func model(_ name: String = "spectral") throws -> GANModel {
    let design = try Case(name: name, size: 16).design
    return try GANModel(
      name: "tiny", generator: design.generator(seed: 1), discriminator: design.discriminator(seed: 1),
      cropSettings: FaceCropSettings(detector: "standard", size: 16),
      card: ModelCard(trainingData: "none", intendedUse: "tests", limits: "all", licence: "none"),
      trainingGroups: ["a", "b"], findings: ["it has not learnt anything"])
  }

  @Test("a model file is read again, and damage is refused", arguments: AdversarialCatalog.all.map(\.name))
  func file(_ name: String) throws {
    let model = try model(name)
    let bytes = try model.encoded()
    let read = try GANModel(fileBytes: bytes)
    try read.verifyGoldenOutput()
    #expect(read.generator.parameters == model.generator.parameters)
    #expect(read.discriminator.parameters == model.discriminator.parameters)
    #expect(read.trainingGroups == ["a", "b"] && read.findings == model.findings && read.golden == model.golden)
    #expect(try read.encoded() == bytes)
    #expect(throws: ModelsError.self) { try GANModel(fileBytes: bytes.dropLast(4)) }
    var other = read
    let logit = try #require(other.discriminator.parameters["logit.bias"])
    other.discriminator.parameters["logit.bias"] = logit.map { $0 + 1 }
    #expect(throws: ModelsError.self) { try other.verifyGoldenOutput() }
    let detector = SafetensorsFile(tensors: [:], metadata: ["assay": "{}", "network": "{}"]).encoded()
    #expect(throws: ModelsError.self) { try GANModel(fileBytes: detector) }
  }

  @Test("a picture depends on its index and the seed only, and truncation reduces diversity")
  func sampling() throws {
    var generator = try model().generator
    // Fresh weights are so short that pictures are all but grey.
    for (name, weight) in generator.parameters where name.hasSuffix(".weight") {
      generator.parameters[name] = weight.map { 20 * $0 }
    }
    let sampler = try FaceSampler(generator, batch: 4)
    let all = try sampler.pictures(Array(0..<10), seed: 5)
    #expect(all.count == 10 && all[0].width == 16 && Set(all).count == 10)
    #expect(try sampler.pictures([7], seed: 5) == [all[7]])
    #expect(try sampler.pictures([7], seed: 6) != [all[7]])
    func spread(_ pictures: [Frame]) -> Double {
      let values = pictures.map { $0.pixels.map(Double.init) }
      let means = values[0].indices.map { pixel in values.reduce(0) { $0 + $1[pixel] } / Double(values.count) }
      return values.reduce(0) { sum, picture in sum + zip(picture, means).reduce(0) { $0 + abs($1.0 - $1.1) } }
    }
    let tame = try FaceSampler(generator, batch: 4, truncation: 0.2).pictures(Array(0..<10), seed: 5)
    #expect(spread(tame) < 0.7 * spread(all), "\(spread(tame)), \(spread(all))")
  }
}
