public import Compute
import Glibc
public import Imaging
public import NeuralNet

/// YuNet (Wu, Peng and Yu 2023): a convolutional face detector of some 10 to 80 thousand parameters, on this engine.
///
/// Takes networks with the outputs `cls_S`, `obj_S`, `bbox_S`, `kps_S` at the strides S = 8, 16, 32, as
/// libfacedetection.train exports them: input `[1, 3, H, W]`, B G R from 0 to 255, H and W multiples of 32. Finds faces from
/// about 10 pixels on, in profile too. Owns one compiled network for each of a few sizes; used by one thread.
public struct YuNetFaceDetector: FaceDetector, ~Copyable {
  private static let strides = [8, 16, 32]
  /// Sides are padded to multiples of this.
  private static let grid = 32
  /// Smaller frames are padded to this, so that the surroundings of tracked faces share one compiled network.
  private static let leastSide = 128
  /// Compiled networks that are kept.
  private static let mostExecutors = 6
  /// Boxes that share more than this with a surer one are the same face (as OpenCV has it).
  private static let overlap = 0.3
  /// Of OpenCV's detector 0.6 to 0.9 is customary; below this nothing is a face even where one was.
  private static let leastScore: Float = 0.45
  private static let sureScore: Float = 0.7

  public let name: String
  /// 270 pixels find what HOG finds at 720.
  public let scale = DetectorScale(
    shortSide: 270, fineShortSide: nil, faceSide: 48, followingConfidence: confidence(ofScore: leastScore))

  private let makeNetwork: (Pair) throws -> Network
  private var executors: [(size: Pair, executor: Executor)] = []

  /// - Parameters:
  ///   - name: of the model, for manifests.
  ///   - makeNetwork: gives the network for rows and columns of the input.
  /// - Throws: `FacesError.detectorUnavailable` when it is no network of this kind.
  public init(name: String, makeNetwork: @escaping (Pair) throws -> Network) throws(FacesError) {
    self.name = name
    self.makeNetwork = makeNetwork
    let first = try Self.compile(name, Pair(Self.leastSide), makeNetwork)
    executors.append((Pair(Self.leastSide), first))
  }

  public mutating func faces(in frame: Frame) throws(FacesError) -> [Detection] {
    func padded(_ side: Int) -> Int { max((side + Self.grid - 1) / Self.grid * Self.grid, Self.leastSide) }
    let size = Pair(height: padded(frame.height), width: padded(frame.width))
    let executor = try executor(for: size)
    executor.withInput { Self.write(frame, into: $0, width: size.width) }
    let outputs: [Tensor]
    do {
      outputs = try executor.inferAll(count: 1)
    } catch {
      throw .detectionFailed(name: name, width: frame.width, height: frame.height, reason: "\(error)")
    }
    var found: [Detection] = []
    for (index, stride) in Self.strides.enumerated() {
      let scale = YuNetScale(
        stride: stride, columns: size.width / stride, classes: outputs[index], objects: outputs[index + 3],
        boxes: outputs[index + 6], landmarks: outputs[index + 9])
      found += scale.faces(above: Self.leastScore)
    }
    return found.suppressingOverlaps(above: Self.overlap).map { face in
      Detection(
        box: Self.faceBox(of: face.box), confidence: Self.confidence(ofScore: face.confidence),
        landmarks: face.landmarks)
    }
  }

  private mutating func executor(for size: Pair) throws(FacesError) -> Executor {
    if let index = executors.firstIndex(where: { $0.size == size }) {
      let kept = executors.remove(at: index)
      executors.append(kept)
      return kept.executor
    }
    let made = try Self.compile(name, size, makeNetwork)
    if executors.count == Self.mostExecutors { executors.removeFirst() }
    executors.append((size, made))
    return made
  }

  private static func compile(
    _ name: String, _ size: Pair, _ makeNetwork: (Pair) throws -> Network
  ) throws(FacesError) -> Executor {
    do {
      var network = try makeNetwork(size)
      let wanted = ["cls", "obj", "bbox", "kps"].flatMap { kind in strides.map { "\(kind)_\($0)" } }
      guard Set(wanted).isSubset(of: Set(network.outputs)) else {
        throw FacesError.detectorUnavailable(
          name: name,
          reason: "its outputs \(network.outputs) are not those of a YuNet (\(wanted.joined(separator: ", ")))")
      }
      network.outputs = wanted
      return try Executor(network, batch: 1, use: .inference)
    } catch let error as FacesError {
      throw error
    } catch {
      throw .detectorUnavailable(name: name, reason: "\(error)")
    }
  }

  /// B G R from 0 to 255, what lies beyond the frame in black.
  private static func write(_ frame: Frame, into input: UnsafeMutableBufferPointer<Float>, width: Int) {
    input.update(repeating: 0)
    frame.pixels.withUnsafeBufferPointer { pixels in
      for row in 0..<frame.height {
        for column in 0..<frame.width {
          let source = (row * frame.width + column) * 3
          let target = (row * width + column) * 3
          input[target] = Float(pixels[source + 2])
          input[target + 1] = Float(pixels[source + 1])
          input[target + 2] = Float(pixels[source])
        }
      }
    }
  }

  /// YuNet's boxes reach from the hairline to the chin. On 174 real frames these numbers bring them to HOG's framing (see
  /// `Detection.box`) in the median; in eight of ten the side is within 8 % and the centre within 4 % of it.
  private static func faceBox(of box: Box) -> Box {
    let side = boxScale * (box.width * box.height).squareRoot()
    let centerX = box.x + box.width / 2
    let centerY = box.y + box.height / 2 + boxShift * side
    return Box(x: centerX - side / 2, y: centerY - side / 2, width: side, height: side)
  }

  private static let boxScale = 0.818
  private static let boxShift = -0.048

  /// The score from which a face is sure becomes 0.5.
  private static func confidence(ofScore score: Float) -> Float {
    score < sureScore ? 0.5 * score / sureScore : 0.5 + 0.5 * (score - sureScore) / (1 - sureScore)
  }
}

/// The outputs of a YuNet at one stride, one row for each cell of the grid.
struct YuNetScale {
  let stride: Int
  /// Cells in a row of the grid.
  let columns: Int
  /// `[1, cells, 1]`: that it is a face, and that there is an object.
  let classes: Tensor
  let objects: Tensor
  /// `[1, cells, 4]`: centre relative to the cell, logarithm of the extents, both in strides.
  let boxes: Tensor
  /// `[1, cells, 10]`: eyes, nose and corners of the mouth relative to the cell, in strides.
  let landmarks: Tensor

  /// Faces whose score, the geometric mean of both probabilities, is at least `limit`; their confidence is that score.
  func faces(above limit: Float) -> [Detection] {
    (0..<classes.count).compactMap { cell in
      let score = (unit(classes[cell]) * unit(objects[cell])).squareRoot()
      guard score >= limit else { return nil }
      let (column, row) = (Double(cell % columns), Double(cell / columns))
      func offset(_ index: Int) -> Double { Double(boxes[4 * cell + index]) }
      let size = Double(stride)
      let (width, height) = (exp(offset(2)) * size, exp(offset(3)) * size)
      guard width.isFinite, height.isFinite, offset(0).isFinite, offset(1).isFinite else { return nil }
      let box = Box(
        x: (column + offset(0)) * size - width / 2, y: (row + offset(1)) * size - height / 2, width: width,
        height: height)
      let points = (0..<5).map { point in
        Point(
          x: (column + Double(landmarks[10 * cell + 2 * point])) * size,
          y: (row + Double(landmarks[10 * cell + 2 * point + 1])) * size)
      }
      return Detection(box: box, confidence: score, landmarks: points)
    }
  }

  private func unit(_ value: Float) -> Float { min(max(value, 0), 1) }
}
