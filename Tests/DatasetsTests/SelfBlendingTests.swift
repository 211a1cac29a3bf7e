import Compute
import Imaging
import Testing

@testable import Datasets

@Suite("Self-blended fakes and the chain of augmentations")
struct SelfBlendingTests {
  private static let crop = AugmentationTests.picture(width: 96, height: 96)

  @Test("masks lie in 0…1, are 1 in the face and 0 at the crop's border")
  func masks() {
    var peaks: Set<Bool> = []
    for seed in 0..<50 {
      var generator = SeededGenerator(seed: UInt64(seed))
      let mask = FaceMask(using: &generator)
      #expect(mask.values.allSatisfy { (0...1).contains($0) })
      let side = FaceMask.side
      for i in 0..<side {
        #expect(mask.values[i] == 0 && mask.values[i * side] == 0 && mask.values[i * side + side - 1] == 0)
      }
      peaks.insert(mask.values.contains { $0 > 0.99 })
    }
    #expect(peaks == [true])
  }

  @Test("blending changes the crop; if the target is the crop itself, the surroundings are unchanged")
  func locality() {
    var generator = SeededGenerator(seed: 1)
    let border = 4 * 96 * 3
    var untouched = 0
    for _ in 0..<40 {
      let fake = SelfBlending().apply(to: Self.crop, using: &generator)
      #expect(fake != Self.crop)
      untouched += fake.pixels[..<border] == Self.crop.pixels[..<border] ? 1 : 0
    }
    #expect((8...32).contains(untouched))
  }

  @Test("blending turns real crops into fakes at the given rate, and never changes fakes")
  func labels() {
    let chain = AugmentationChain([.init(SelfBlending(), probability: 0.3)])
    var fakes = 0
    for item in 0..<300 {
      let foretold = chain.label(after: .real, seed: 1, epoch: 0, item: item)
      let result = chain.apply(to: Self.crop, label: .real, seed: 1, epoch: 0, item: item)
      #expect(result.label == foretold)
      #expect((result.crop != Self.crop) == (result.label == .fake))
      fakes += result.label.rawValue
    }
    #expect((60...120).contains(fakes))
    let fake = chain.apply(to: Self.crop, label: .fake, seed: 1, epoch: 0, item: 5)
    #expect(fake.crop == Self.crop && fake.label == .fake)
  }

  @Test("the chain depends on seed, epoch and item")
  func seeded() {
    let chain = AugmentationChain.standard(blendedFraction: 0.5)
    func crop(_ seed: UInt64, _ epoch: Int, _ item: Int) -> Frame {
      chain.apply(to: Self.crop, label: .real, seed: seed, epoch: epoch, item: item).crop
    }
    #expect(crop(1, 2, 3) == crop(1, 2, 3))
    #expect(Set([crop(1, 2, 3), crop(2, 2, 3), crop(1, 3, 3), crop(1, 2, 4)]).count == 4)
    let none = AugmentationChain.standard(strength: 0, blendedFraction: 0.5)
    #expect(none.apply(to: Self.crop, label: .real, seed: 1, epoch: 1, item: 1) == (Self.crop, .real))
  }

  @Test("an additional step does not affect the others")
  func independent() {
    let blur = AugmentationChain.Step(SensorNoise(), probability: 1)
    let never = AugmentationChain.Step(JPEGCompression(), probability: 0)
    let short = AugmentationChain([blur])
    let long = AugmentationChain([blur, never])
    #expect(
      short.apply(to: Self.crop, label: .fake, seed: 1, epoch: 1, item: 1)
        == long.apply(to: Self.crop, label: .fake, seed: 1, epoch: 1, item: 1))
  }
}
