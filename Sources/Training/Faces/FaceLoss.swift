import Compute
import Datasets
import Faces
import Glibc
import Imaging

/// The loss of `StandardFaceNetwork`: objectness in all cells; class, box and landmarks in the cells that are
/// responsible for a face.
///
/// As in YuNet (Wu, Peng and Yu 2023), objectness learns where faces are and class how well the box fits (its overlap
/// with the face); a score is the geometric mean of both. Responsible are the cells around a face's centre on the grids
/// that suit its size (Tian et al. 2019, center sampling).
struct FaceLoss: Sendable {
  /// Sizes of faces, by the geometric mean of the box's sides, for which each stride is responsible, in pixels.
  static let sizes: [ClosedRange<Double>] = [0...44, 28...112, 76...100_000]
  /// How far beyond those sizes, as a factor, a face is neither to be found nor background at a stride.
  static let tolerance = 1.35
  /// Detection must not drown in the landmarks' gradients, which are ten numbers of each responsible cell.
  var objectnessWeight: Float = 2
  var boxWeight: Float = 4
  var landmarkWeight: Float = 3

  /// - Parameters:
  ///   - outputs: `[N, 16, H, W]` for each stride.
  ///   - samples: N samples.
  ///   - normaliser: responsible cells by which the sum is divided.
  /// - Returns: the loss and its gradient with respect to each output.
  func value(
    _ outputs: [Tensor], _ targets: [FaceTargets], normaliser: Float
  ) -> (value: Float, gradients: [Tensor]) {
    var total = 0.0
    var gradients: [Tensor] = []
    for (level, output) in outputs.enumerated() {
      let cells = output.shape[2] * output.shape[3]
      let gradient = Tensor(output.shape) { dy in
        dy.start.update(repeating: 0, count: output.count)
        output.withFloats { y in
          for (sample, target) in targets.enumerated() {
            let start = sample * StandardFaceNetwork.channels * cells
            total += add(
              target.levels[level], y.start + start, into: dy.start + start, cells: cells,
              stride: target.strides[level],
              columns: output.shape[3], scale: 1 / normaliser)
          }
        }
      }
      gradients.append(gradient)
    }
    return (Float(total), gradients)
  }

  /// One sample at one stride; returns its part of the loss.
  private func add(
    _ target: FaceTargets.Level, _ y: UnsafePointer<Float>, into dy: UnsafeMutablePointer<Float>, cells: Int,
    stride: Double, columns: Int, scale: Float
  ) -> Double {
    var sum = 0.0
    for cell in 0..<cells {
      let face = target.faces[cell]
      if face == FaceTargets.ignored { continue }
      let objectness = objectnessWeight * scale
      sum += Double(
        objectness
          * Self.crossEntropy(y[cells + cell], face >= 0 ? 1 : 0, into: &dy[cells + cell], weight: objectness))
      guard face >= 0 else { continue }
      let wanted = target.values[face]
      let middle = (x: Double(cell % columns) + 0.5, y: Double(cell / columns) + 0.5)
      // Errors in fractions of the face's size: a pixel counts more on a small face.
      let unit = Float(stride / wanted.size)
      for index in 0..<14 {
        let place = (index + 2) * cells + cell
        let isExtent = index == 2 || index == 3
        let goal = Float(
          isExtent
            ? wanted.values[index] - log(stride)
            : wanted.values[index] / stride - (index.isMultiple(of: 2) ? middle.x : middle.y))
        let weight = (index < 4 ? boxWeight / 4 : landmarkWeight / 10) * scale
        sum += Double(
          Self.huber(y[place] - goal, unit: isExtent ? 1 : unit, into: &dy[place], weight: weight))
      }
      let box = Self.box(y, cell, cells, stride: stride, middle)
      sum += Double(
        scale * Self.crossEntropy(y[cell], Float(box.overlap(wanted.box)), into: &dy[cell], weight: scale))
    }
    return sum
  }

  /// The box that the network predicts in a cell.
  private static func box(
    _ y: UnsafePointer<Float>, _ cell: Int, _ cells: Int, stride: Double, _ middle: (x: Double, y: Double)
  ) -> Box {
    func value(_ index: Int) -> Double { Double(y[(index + 2) * cells + cell]) }
    // Exponents of an untrained network must not overflow.
    let (width, height) = (exp(min(value(2), 12)) * stride, exp(min(value(3), 12)) * stride)
    return Box(
      x: (middle.x + value(0)) * stride - width / 2, y: (middle.y + value(1)) * stride - height / 2, width: width,
      height: height)
  }

  /// Binary cross-entropy of a logit; adds `weight` times its slope.
  private static func crossEntropy(_ logit: Float, _ target: Float, into slope: inout Float, weight: Float) -> Float {
    slope += weight * (1 / (1 + exp(-logit)) - target)
    return max(logit, 0) - logit * target + log1p(exp(-abs(logit)))
  }

  /// Huber's loss (1964) of `unit` times the difference, quadratic below 0.1; returns it times `weight`, and adds its
  /// slope with respect to the difference.
  private static func huber(_ difference: Float, unit: Float, into slope: inout Float, weight: Float) -> Float {
    let limit: Float = 0.1
    let error = unit * difference
    if abs(error) < limit {
      slope += weight * unit * error / limit
      return weight * error * error / (2 * limit)
    }
    slope += weight * unit * (error < 0 ? -1 : 1)
    return weight * (abs(error) - limit / 2)
  }
}

/// What each cell of the grids should say about a sample.
struct FaceTargets: Sendable {
  /// In `Level.faces`: the cell is background, or does not count.
  static let background = -1
  static let ignored = -2

  /// A face as a cell's numbers are compared with it.
  struct Wanted: Sendable {
    var box: Box
    /// Geometric mean of the box's sides.
    var size: Double
    /// Centre in pixels, logarithms of the extents in pixels, landmarks in pixels.
    var values: [Double]
  }

  struct Level: Sendable {
    /// For each cell: the index of its face, `background` or `ignored`.
    var faces: [Int]
    var values: [Wanted]
  }

  let levels: [Level]
  let strides = FaceGridFormat.strides.map(Double.init)

  /// Cells that are responsible for a face.
  var positives: Int { levels.reduce(0) { $0 + $1.faces.count { $0 >= 0 } } }

  init(_ sample: FaceSample) {
    let wanted = sample.faces.map { face in
      let box = face.box
      return Wanted(
        box: box, size: (box.width * box.height).squareRoot(),
        values: [box.centerX, box.centerY, log(box.width), log(box.height)] + face.landmarks.flatMap { [$0.x, $0.y] })
    }
    levels = zip(FaceGridFormat.strides, FaceLoss.sizes).map { stride, sizes in
      Self.level(wanted, sample, stride: Double(stride), sizes: sizes)
    }
  }

  private static func level(
    _ wanted: [Wanted], _ sample: FaceSample, stride: Double, sizes: ClosedRange<Double>
  ) -> Level {
    let (rows, columns) = (sample.frame.height / Int(stride), sample.frame.width / Int(stride))
    let tolerated = (sizes.lowerBound / FaceLoss.tolerance)...(sizes.upperBound * FaceLoss.tolerance)
    var faces = [Int](repeating: background, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        let (x, y) = ((Double(column) + 0.5) * stride, (Double(row) + 0.5) * stride)
        var nearest = Double.infinity
        var isNear = false
        for (index, face) in wanted.enumerated() where tolerated.contains(face.size) {
          let distance = max(abs(x - face.values[0]), abs(y - face.values[1]))
          let reach = max(0.2 * face.size, 0.8 * stride)
          if distance < 1.5 * reach { isNear = true }
          guard sizes.contains(face.size), distance < reach, distance < nearest else { continue }
          nearest = distance
          faces[row * columns + column] = index
        }
        guard faces[row * columns + column] == background else { continue }
        if isNear {
          faces[row * columns + column] = ignored
          continue
        }
        let isIgnored = sample.ignored.contains { box in
          abs(x - box.centerX) < box.width / 2 + stride / 2 && abs(y - box.centerY) < box.height / 2 + stride / 2
        }
        if isIgnored { faces[row * columns + column] = ignored }
      }
    }
    return Level(faces: faces, values: wanted)
  }
}
