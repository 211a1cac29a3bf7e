package import Compute
import Glibc
public import Imaging
package import NeuralNet

/// A one-stage convolutional face detector: at each cell of grids at strides 8, 16 and 32 the network says whether a
/// face is centred there, its box and five landmarks; non-maximum suppression keeps each face once.
///
/// The networks differ in `FaceGridFormat` only. Owns one compiled network for each of a few frame sizes; used by one
/// thread.
public final class GridFaceDetector: FaceDetector {
  /// Frame sides are padded to multiples of this.
  private static let grid = 32
  /// Smaller frames are padded to this, so that the surroundings of tracked faces share one compiled network.
  private static let leastSide = 128
  /// Smaller frames hold no face that a network finds: a padded sliver only looks like one.
  private static let leastFrameSide = 10
  /// Compiled networks that are kept.
  package var executorLimit = 6
  /// A box that overlaps one of higher score by more than this (intersection over union) is the same face.
  private static let overlapLimit = 0.3

  public let name: String
  public var scale: DetectorScale { format.scale }
  /// The score from which a detection is certain enough to stand alone.
  package var sureScore: Float { format.sureScore }

  private let format: FaceGridFormat
  private let makeNetwork: (Pair) throws -> Network
  private var executors: [(size: Pair, executor: Executor)] = []
  /// Of the last size for which gradients were asked.
  private var gradientExecutor: (size: Pair, executor: Executor)?

  /// - Parameters:
  ///   - name: of the model, for manifests.
  ///   - makeNetwork: returns the network for an input of that height and width.
  /// - Throws: `FacesError.detectorUnavailable` when the network does not have the format's outputs.
  package init(
    name: String, format: FaceGridFormat, makeNetwork: @escaping (Pair) throws -> Network
  ) throws(FacesError) {
    self.name = name
    self.format = format
    self.makeNetwork = makeNetwork
    let first = try Self.compile(name, format, Pair(Self.leastSide), makeNetwork)
    executors.append((Pair(Self.leastSide), first))
  }

  public func faces(in frame: Frame) throws(FacesError) -> [Detection] {
    try rawFaces(in: frame, above: format.leastScore).map { face in
      Detection(
        box: format.framed(face.box), confidence: format.confidence(ofScore: face.confidence),
        landmarks: face.landmarks)
    }
  }

  /// The network's own boxes, from the hairline to the chin, with its own scores as confidence; in order of falling
  /// score.
  package func rawFaces(in frame: Frame, above limit: Float) throws(FacesError) -> [Detection] {
    guard min(frame.width, frame.height) >= Self.leastFrameSide else { return [] }
    let size = Self.inputSize(width: frame.width, height: frame.height)
    let executor = try executor(for: size)
    executor.withInput { format.input.write(frame, into: $0, width: size.width) }
    let outputs: [Tensor]
    do {
      outputs = try executor.inferAll(count: 1)
    } catch {
      throw .detectionFailed(name: name, width: frame.width, height: frame.height, reason: "\(error)")
    }
    let found = format.grids(outputs, width: size.width).flatMap { $0.faces(above: limit) }
    return found.suppressingOverlaps(above: Self.overlapLimit)
  }

  /// How face-like a place is to the network: the highest score of a cell whose box overlaps it, as log-odds relative to
  /// the least score of a face; below 0 no face is found there.
  ///
  /// - Parameters:
  ///   - pixels: `[height, width, 3]`, 0…255, not rounded.
  ///   - place: in the framing of `Detection.box`, in pixels.
  ///   - overlap: intersection over union of a cell's box, in that framing, with the place.
  /// - Returns: the log-odds, and their derivative with respect to each value of `pixels`; nil where no cell's box
  ///   overlaps the place.
  package func scoreGradient(
    of pixels: [Float], width: Int, height: Int, at place: Box, overlap: Double
  ) throws(FacesError) -> (logit: Float, gradient: [Float])? {
    let size = Self.inputSize(width: width, height: height)
    let (format, leastScore) = (format, format.leastScore)
    do {
      let executor: Executor
      if let known = gradientExecutor, known.size == size {
        executor = known.executor
      } else {
        executor = try Executor(
          try Self.checked(makeNetwork(size), name, format), batch: 1, use: .inputGradient)
        gradientExecutor = (size, executor)
      }
      executor.withInput { input in
        input.update(repeating: format.input.summand)
        for row in 0..<height {
          for column in 0..<width {
            for channel in 0..<3 {
              let value = pixels[(row * width + column) * 3 + format.input.source(of: channel)]
              input[(row * size.width + column) * 3 + channel] = value * format.input.factor + format.input.summand
            }
          }
        }
      }
      var logit: Float?
      let gradient = try executor.withInputGradient { outputs in
        var gradients = outputs.map { Tensor($0.shape) }
        let grids = format.grids(outputs, width: size.width)
        var best: (grid: FaceGrid, cell: Int, score: Float)?
        for grid in grids {
          for cell in 0..<grid.cells where grid.score(cell) > best?.score ?? 0 {
            guard let face = grid.face(cell), format.framed(face.box).overlap(place) >= overlap else { continue }
            best = (grid, cell, grid.score(cell))
          }
        }
        guard let best else { return gradients }
        func logOdds(_ score: Float) -> Float {
          let inner = min(max(score, 1e-6), 1 - 1e-6)
          return log(inner / (1 - inner))
        }
        logit = logOdds(best.score) - logOdds(leastScore)
        for slope in best.grid.slopes(best.cell) { gradients[slope.output][slope.element] = slope.value }
        return gradients
      } _: { source in
        [Float](unsafeUninitializedCapacity: width * height * 3) { target, count in
          for row in 0..<height {
            for column in 0..<width {
              for channel in 0..<3 {
                target[(row * width + column) * 3 + format.input.source(of: channel)] =
                  source[(row * size.width + column) * 3 + channel] * format.input.factor
              }
            }
          }
          count = width * height * 3
        }
      }
      return logit.map { ($0, gradient) }
    } catch let error as FacesError {
      throw error
    } catch {
      throw .detectionFailed(name: name, width: width, height: height, reason: "\(error)")
    }
  }

  private static func inputSize(width: Int, height: Int) -> Pair {
    func padded(_ side: Int) -> Int { max((side + grid - 1) / grid * grid, leastSide) }
    return Pair(height: padded(height), width: padded(width))
  }

  private func executor(for size: Pair) throws(FacesError) -> Executor {
    if let index = executors.firstIndex(where: { $0.size == size }) {
      let kept = executors.remove(at: index)
      executors.append(kept)
      return kept.executor
    }
    let made = try Self.compile(name, format, size, makeNetwork)
    if executors.count >= executorLimit { executors.removeFirst() }
    executors.append((size, made))
    return made
  }

  private static func compile(
    _ name: String, _ format: FaceGridFormat, _ size: Pair, _ makeNetwork: (Pair) throws -> Network
  ) throws(FacesError) -> Executor {
    do {
      return try Executor(try checked(makeNetwork(size), name, format), batch: 1, use: .inference, kernels: .compiled)
    } catch let error as FacesError {
      throw error
    } catch {
      throw .detectorUnavailable(name: name, reason: "\(error)")
    }
  }

  /// The network with the format's outputs.
  private static func checked(
    _ network: Network, _ name: String, _ format: FaceGridFormat
  ) throws(FacesError) -> Network {
    guard Set(format.outputs).isSubset(of: Set(network.outputs)) else {
      throw FacesError.detectorUnavailable(
        name: name,
        reason: "its outputs \(network.outputs) are not those of \(format.description) "
          + "(\(format.outputs.joined(separator: ", ")))")
    }
    var network = network
    network.outputs = format.outputs
    return network
  }
}

/// What a detection network expects and returns, and how its faces are to be read.
package struct FaceGridFormat: Sendable {
  package static let strides = [8, 16, 32]

  /// The kind of network, for messages.
  var description: String
  /// Names of the outputs, in the order that `grids` takes.
  package var outputs: [String]
  package var input: FaceInput
  var scale: DetectorScale
  /// Below this score nothing is a face, even where one was a moment ago.
  var leastScore: Float
  /// From this score on a detection is certain enough to stand alone: confidence 0.5.
  package var sureScore: Float
  /// Side of the square box relative to the geometric mean of the network's box sides, and its shift downwards in
  /// sides of that square.
  var boxScale: Double
  var boxShift: Double
  private var makeGrids: @Sendable (_ outputs: [Tensor], _ width: Int) -> [FaceGrid]

  init(
    description: String, outputs: [String], input: FaceInput, shortSide: Int, faceSide: Double, leastScore: Float,
    sureScore: Float, boxScale: Double, boxShift: Double,
    grids: @escaping @Sendable (_ outputs: [Tensor], _ width: Int) -> [FaceGrid]
  ) {
    self.description = description
    self.outputs = outputs
    self.input = input
    self.leastScore = leastScore
    self.sureScore = sureScore
    self.boxScale = boxScale
    self.boxShift = boxShift
    makeGrids = grids
    scale = DetectorScale(
      shortSide: shortSide, faceSide: faceSide, followingConfidence: 0.5 * leastScore / sureScore)
  }

  /// - Parameter width: columns of the network's input.
  package func grids(_ outputs: [Tensor], width: Int) -> [FaceGrid] { makeGrids(outputs, width) }

  /// A network's box in the framing of `Detection.box`.
  package func framed(_ box: Box) -> Box {
    let side = boxScale * (box.width * box.height).squareRoot()
    let centerY = box.centerY + boxShift * side
    return Box(x: box.centerX - side / 2, y: centerY - side / 2, width: side, height: side)
  }

  /// `sureScore` becomes 0.5; linear on both sides.
  package func confidence(ofScore score: Float) -> Float {
    score < sureScore ? 0.5 * score / sureScore : 0.5 + 0.5 * (score - sureScore) / (1 - sureScore)
  }
}

/// How pixels become a detection network's input.
package struct FaceInput: Sendable {
  /// B G R instead of R G B.
  var reversesChannels = false
  var factor: Float = 1
  var summand: Float = 0

  /// The picture's channel that is the input's channel of that index.
  func source(of channel: Int) -> Int { reversesChannels ? 2 - channel : channel }

  /// Writes a frame as `[height, width, 3]`, its pixels times `factor` plus `summand`.
  ///
  /// - Parameter width: columns of the input; what lies beyond the frame is black.
  package func write(_ frame: Frame, into input: UnsafeMutableBufferPointer<Float>, width: Int) {
    frame.pixels.withUnsafeBufferPointer { pixels in
      let row = frame.width * 3
      for y in 0..<frame.height {
        let (source, target) = (y * row, y * width * 3)
        if reversesChannels {
          for x in stride(from: 0, to: row, by: 3) {
            input[target + x] = Float(pixels[source + x + 2]) * factor + summand
            input[target + x + 1] = Float(pixels[source + x + 1]) * factor + summand
            input[target + x + 2] = Float(pixels[source + x]) * factor + summand
          }
        } else {
          for x in 0..<row { input[target + x] = Float(pixels[source + x]) * factor + summand }
        }
        input[(target + row)..<(target + width * 3)].update(repeating: summand)
      }
      input[(frame.height * width * 3)...].update(repeating: summand)
    }
  }
}

/// The outputs of a detection network at one stride, one row of numbers for each cell of the grid.
package struct FaceGrid {
  let stride: Int
  /// Cells in a row of the grid.
  let columns: Int
  let cells: Int
  /// Where in a cell its numbers are counted from: 0 is its top left corner, 0.5 its centre.
  let origin: Double
  /// 0…1.
  let score: (_ cell: Int) -> Float
  /// Centre of the box and logarithms of its extents (0…3), then x and y of eyes, nose and corners of the mouth (4…13);
  /// in strides.
  let value: (_ cell: Int, _ index: Int) -> Float
  /// Derivatives of a cell's score, as log-odds, with respect to elements of the network's outputs.
  let slopes: (_ cell: Int) -> [Slope]

  struct Slope {
    var output: Int
    var element: Int
    var value: Float
  }

  /// Faces of at least that score, which is their confidence.
  func faces(above limit: Float) -> [Detection] {
    (0..<cells).compactMap { cell in score(cell) >= limit ? face(cell) : nil }
  }

  /// The face of a cell, whatever its score; nil where a number is not finite.
  func face(_ cell: Int) -> Detection? {
    let score = score(cell)
    let (column, row) = (Double(cell % columns) + origin, Double(cell / columns) + origin)
    func offset(_ index: Int) -> Double { Double(value(cell, index)) }
    let size = Double(stride)
    let (width, height) = (exp(offset(2)) * size, exp(offset(3)) * size)
    guard width.isFinite, height.isFinite, offset(0).isFinite, offset(1).isFinite else { return nil }
    let box = Box(
      x: (column + offset(0)) * size - width / 2, y: (row + offset(1)) * size - height / 2, width: width,
      height: height)
    let points = (0..<5).map { point in
      Point(x: (column + offset(4 + 2 * point)) * size, y: (row + offset(5 + 2 * point)) * size)
    }
    return Detection(box: box, confidence: score, landmarks: points)
  }
}
