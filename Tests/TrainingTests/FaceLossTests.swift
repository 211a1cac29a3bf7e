import Compute
import Datasets
import Glibc
import Imaging
import NeuralNet
import Testing

@testable import Faces
@testable import Training

@Suite("Loss of the face detector")
struct FaceLossTests {
  private static func face(_ box: Box) -> AnnotatedFace {
    let points = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)]
    return AnnotatedFace(
      box: box, landmarks: points.map { Point(x: box.x + $0.0 * box.width, y: box.y + $0.1 * box.height) }, score: 0.9,
      isCertain: true)
  }

  private static func sample(_ boxes: [Box], ignored: [Box] = []) -> FaceSample {
    FaceSample(
      frame: Frame(width: 96, height: 96, pixels: [UInt8](repeating: 0, count: 96 * 96 * 3)), faces: boxes.map(face),
      ignored: ignored)
  }

  /// Random outputs for two samples; class logits of 0, where their loss does not depend on how well a box fits.
  private static func outputs(_ seed: UInt64) -> [Tensor] {
    var generator = SeededGenerator(seed: seed)
    return [12, 6, 3].map { side in
      var output = Tensor.normal([2, 16, side, side], standardDeviation: 0.7, using: &generator)
      for sample in 0..<2 { for cell in 0..<(side * side) { output[sample * 16 * side * side + cell] = 0 } }
      return output
    }
  }

  @Test("the gradient is that of central differences")
  func gradient() throws {
    let targets = [
      FaceTargets(Self.sample([Box(x: 20, y: 30, width: 24, height: 30), Box(x: 60, y: 50, width: 30, height: 36)])),
      FaceTargets(
        Self.sample([Box(x: 5, y: 2, width: 80, height: 90)], ignored: [Box(x: 0, y: 0, width: 9, height: 9)])),
    ]
    let outputs = Self.outputs(3)
    let loss = FaceLoss()
    let gradients = loss.value(outputs, targets, normaliser: 5).gradients
    var generator = SeededGenerator(seed: 5)
    var checked = 0
    for level in outputs.indices {
      let side = outputs[level].shape[2]
      // All numbers of cells with a face, and some others.
      let cells = side * side
      for index in 0..<outputs[level].count where (index / cells) % 16 > 0 {
        guard abs(gradients[level][index]) > 1e-4 || generator.uniform() < 0.02 else { continue }
        let step: Float = 1e-2
        var (above, below) = (outputs, outputs)
        above[level][index] += step
        below[level][index] -= step
        let difference =
          (loss.value(above, targets, normaliser: 5).value - loss.value(below, targets, normaliser: 5).value)
          / (2 * step)
        #expect(
          abs(difference - gradients[level][index]) < 0.02 * max(abs(difference), 0.05), "level \(level), \(index)")
        checked += 1
      }
    }
    #expect(checked > 200)
  }

  @Test("a class logit learns the overlap of the cell's own box")
  func quality() {
    let targets = [FaceTargets(Self.sample([Box(x: 20, y: 30, width: 24, height: 30)]))]
    let cell = targets[0].levels[0].faces.firstIndex { $0 >= 0 } ?? 0
    var outputs = [12, 6, 3].map { Tensor([1, 16, $0, $0]) }
    // The right box: then its overlap is 1, and so is the target.
    let (x, y) = (Float(cell % 12) + 0.5, Float(cell / 12) + 0.5)
    for (index, value) in [32 / 8 - x, 45 / 8 - y, Float(3).logarithm, Float(3.75).logarithm].enumerated() {
      outputs[0][(index + 2) * 144 + cell] = value
    }
    outputs[0][cell] = 20
    let right = FaceLoss().value(outputs, targets, normaliser: 1).gradients[0][cell]
    #expect(abs(right) < 1e-3)
    // A box twice as wide and high shares a quarter.
    for index in [2, 3] { outputs[0][(index + 2) * 144 + cell] += Float(2).logarithm }
    let wrong = FaceLoss().value(outputs, targets, normaliser: 1).gradients[0][cell]
    #expect(abs(wrong - 0.75) < 1e-2)
  }

  @Test("each size has its strides, and what is ignored teaches nothing")
  func responsibility() {
    func levels(_ side: Double) -> [Bool] {
      FaceTargets(Self.sample([Box(x: 48 - side / 2, y: 48 - side / 2, width: side, height: side)])).levels.map {
        $0.faces.contains { $0 >= 0 }
      }
    }
    #expect(levels(12) == [true, false, false])
    #expect(levels(36) == [true, true, false])
    #expect(levels(60) == [false, true, false])
    #expect(levels(90) == [false, true, true])
    let ignoring = FaceTargets(Self.sample([], ignored: [Box(x: 0, y: 0, width: 96, height: 96)]))
    #expect(ignoring.levels.allSatisfy { $0.faces.allSatisfy { $0 == FaceTargets.ignored } })
    let (value, gradients) = FaceLoss().value(
      [12, 6, 3].map { Tensor([1, 16, $0, $0], repeating: 1) }, [ignoring], normaliser: 1)
    #expect(value == 0 && gradients.allSatisfy { $0.values.allSatisfy { $0 == 0 } })
  }
}

extension Float {
  fileprivate var logarithm: Float { log(self) }
}
