public import Compute
import Glibc
public import Imaging

/// A training sample of a face detector: a square frame and what it shows.
public struct FaceSample: Sendable {
  public var frame: Frame
  /// Faces to find, in the frame's pixels.
  public var faces: [AnnotatedFace]
  /// Regions in which the network may find what it wants: faces that are uncertain, too small or cut off.
  public var ignored: [Box]

  public init(frame: Frame, faces: [AnnotatedFace], ignored: [Box]) {
    self.frame = frame
    self.faces = faces
    self.ignored = ignored
  }
}

/// Draws training samples of a face detector from annotated pictures.
///
/// A face is brought to a random size and place and turned; other faces come along. Then light, blur, noise, occlusion
/// and compression change the frame. Every second sample is a mosaic of four smaller ones (Bochkovskiy et al. 2020).
public struct FaceSampleDrawing: Sendable {
  /// Side of a sample in pixels.
  public let side: Int
  /// Smallest face, by the geometric mean of its box's sides, that is to be found.
  public static let leastFace = 12.0

  /// Photometric changes, after the frame is composed.
  private static let changes: [AugmentationChain.Step] = [
    .init(ColourShift(), probability: 0.6),
    .init(GaussianBlur(), probability: 0.15),
    .init(LowResolution(), probability: 0.15),
    .init(SensorNoise(), probability: 0.25),
    .init(JPEGCompression(), probability: 0.4),
  ]

  public init(side: Int) {
    self.side = side
  }

  /// - Parameters:
  ///   - pictures: from which to draw.
  ///   - read: the picture of that index, as an image pyramid.
  public func sample(
    from pictures: [AnnotatedPicture], using generator: inout SeededGenerator, read: (Int) throws -> FramePyramid
  ) rethrows -> FaceSample {
    var sample: FaceSample
    if generator.chance(0.5) {
      sample = FaceSample(frame: Frame(width: side, height: side, colour: .zero), faces: [], ignored: [])
      let half = side / 2
      for (x, y) in [(0, 0), (half, 0), (0, half), (half, half)] {
        sample.place(try view(of: pictures, side: half, using: &generator, read: read), x: x, y: y)
      }
    } else {
      sample = try view(of: pictures, side: side, using: &generator, read: read)
    }
    sample.occlude(using: &generator)
    sample.frame = Self.changed(sample.frame, using: &generator)
    return sample
  }

  /// A picture through a random window.
  private func view(
    of pictures: [AnnotatedPicture], side: Int, using generator: inout SeededGenerator,
    read: (Int) throws -> FramePyramid
  ) rethrows -> FaceSample {
    if generator.chance(0.02) { return Self.drawnBackground(side, using: &generator) }
    let index = Int(generator.next().multipliedFullWidth(by: UInt64(pictures.count)).high)
    let (picture, frame) = (pictures[index], try read(index))
    let window = window(of: picture, side: side, using: &generator)
    let fill = generator.chance(0.5) ? .zero : SIMD3<UInt8>.random(using: &generator)
    return FaceSample(frame, picture.faces, through: window, side: side, fill: fill)
  }

  private func window(
    of picture: AnnotatedPicture, side: Int, using generator: inout SeededGenerator
  ) -> FaceWindow {
    let certain = picture.faces.filter(\.isCertain)
    let shortSide = Double(min(picture.width, picture.height))
    var degrees = generator.chance(0.5) ? generator.uniform(in: -40...40) : generator.uniform(in: -8...8)
    if generator.chance(0.05) { degrees += generator.pick([90, 180, 270]) }
    var window = FaceWindow(
      center: Point(x: 0, y: 0), scale: 1, radians: degrees * .pi / 180, isMirrored: generator.chance(0.5))
    if certain.isEmpty || generator.chance(0.2) {
      // Any part of the picture, from a fifth of it to all of it.
      window.scale = shortSide * generator.uniform(in: 0.2...1) / Double(side)
      window.center = Point(
        x: generator.uniform(in: 0...Double(picture.width)), y: generator.uniform(in: 0...Double(picture.height)))
      return window
    }
    let face = generator.pick(certain)
    // Sizes evenly spread over octaves; a picture is not shrunk to less than two thirds of the sample, which its
    // surroundings would fill with nothing, nor enlarged more than three times.
    let least = max(14, Double(side) * 0.67 * face.size / shortSide, face.size / 8)
    let most = max(least, min(Double(side) * 0.95, face.size * 3))
    let size = least * pow(most / least, generator.uniform(in: 0...1))
    window.scale = face.size / size
    // The face's centre anywhere within the sample, if it fits.
    let reach = max(0, (Double(side) - size) / 2) * window.scale
    window.center = Point(
      x: face.box.centerX + generator.uniform(in: -1...1) * reach,
      y: face.box.centerY + generator.uniform(in: -1...1) * reach)
    return window
  }

  /// Something without a face: a gradient with rectangles.
  private static func drawnBackground(_ side: Int, using generator: inout SeededGenerator) -> FaceSample {
    var frame = Frame(width: side, height: side, colour: .random(using: &generator))
    for _ in 0..<Int(generator.uniform(in: 0...12)) {
      let extent = { (generator: inout SeededGenerator) in Int(generator.uniform(in: 2...Double(side) / 1.5)) }
      let (width, height) = (extent(&generator), extent(&generator))
      frame.fill(
        x: Int(generator.uniform(in: 0...Double(side))) - width / 2,
        y: Int(generator.uniform(in: 0...Double(side))) - height / 2, width: width, height: height,
        .random(using: &generator))
    }
    return FaceSample(frame: frame, faces: [], ignored: [])
  }

  private static func changed(_ frame: Frame, using generator: inout SeededGenerator) -> Frame {
    var frame = frame
    if generator.chance(0.1) { frame = ColourTransform(saturation: 0).apply(to: frame) }
    if generator.chance(0.3) {
      // Darkness: less light, then what a camera makes of it.
      frame = ColourTransform(
        gains: SIMD3(repeating: generator.uniform(in: 0.12...0.8)), gamma: generator.uniform(in: 0.8...1.8)
      ).apply(to: frame)
    }
    for step in changes where generator.chance(step.probability) {
      frame = step.augmentation.apply(to: frame, using: &generator)
    }
    return frame
  }
}

/// How a sample looks at a picture.
struct FaceWindow {
  /// What the sample's centre shows.
  var center: Point
  /// Pixels of the picture for one of the sample.
  var scale: Double
  /// By which the sample's content is turned clockwise.
  var radians: Double
  var isMirrored: Bool
}

extension FaceSample {
  /// Renders a picture through a window and maps its faces.
  init(_ picture: FramePyramid, _ faces: [AnnotatedFace], through window: FaceWindow, side: Int, fill: SIMD3<UInt8>) {
    frame = picture.seen(through: window, side: side, fill: fill)
    self.faces = []
    ignored = []
    let bounds = Box(x: 0, y: 0, width: Double(side), height: Double(side))
    for face in faces {
      let mapped = window.map(face, side: side)
      guard let visible = mapped.box.intersection(bounds) else { continue }
      if face.isCertain, mapped.size >= FaceSampleDrawing.leastFace, visible.area >= 0.65 * mapped.box.area {
        self.faces.append(mapped)
      } else {
        ignored.append(visible)
      }
    }
  }

  /// Puts a smaller sample in place.
  mutating func place(_ other: FaceSample, x: Int, y: Int) {
    frame.paste(other.frame, x: x, y: y)
    let (dx, dy) = (Double(x), Double(y))
    faces += other.faces.map { $0.moved(dx, dy) }
    ignored += other.ignored.map { Box(x: $0.x + dx, y: $0.y + dy, width: $0.width, height: $0.height) }
  }

  /// Covers up to two fifths of some faces with a block of one colour, or of another part of the frame.
  mutating func occlude(using generator: inout SeededGenerator) {
    for face in faces where generator.chance(0.12) {
      let width = Int(face.box.width * generator.uniform(in: 0.2...0.63))
      let height = Int(face.box.height * generator.uniform(in: 0.2...0.63))
      let x = Int(face.box.x + generator.uniform(in: 0...1) * (face.box.width - Double(width)))
      let y = Int(face.box.y + generator.uniform(in: 0...1) * (face.box.height - Double(height)))
      guard width > 0, height > 0 else { continue }
      if generator.chance(0.5) {
        frame.fill(x: x, y: y, width: width, height: height, .random(using: &generator))
      } else {
        let from = Box(
          x: generator.uniform(in: 0...Double(frame.width)), y: generator.uniform(in: 0...Double(frame.height)),
          width: Double(width), height: Double(height))
        frame.paste(frame.pixels(of: from), x: x, y: y)
      }
    }
  }
}

extension AnnotatedFace {
  func moved(_ dx: Double, _ dy: Double) -> AnnotatedFace {
    var moved = self
    moved.box.x += dx
    moved.box.y += dy
    moved.landmarks = landmarks.map { Point(x: $0.x + dx, y: $0.y + dy) }
    return moved
  }
}

extension FaceWindow {
  /// A place of the picture in the sample.
  func map(_ point: Point, side: Int) -> Point {
    let (dx, dy) = ((point.x - center.x) / scale, (point.y - center.y) / scale)
    let x = dx * cos(radians) - dy * sin(radians)
    let y = dx * sin(radians) + dy * cos(radians)
    return Point(x: Double(side) / 2 + (isMirrored ? -x : x), y: Double(side) / 2 + y)
  }

  /// A face of the picture in the sample: an ellipse in its box, turned, and the box around that.
  func map(_ face: AnnotatedFace, side: Int) -> AnnotatedFace {
    var mapped = face
    let middle = map(Point(x: face.box.centerX, y: face.box.centerY), side: side)
    let (a, b) = (face.box.width / scale, face.box.height / scale)
    func extent(_ first: Double, _ second: Double) -> Double {
      (first * first * cos(radians) * cos(radians) + second * second * sin(radians) * sin(radians)).squareRoot()
    }
    let (width, height) = (extent(a, b), extent(b, a))
    mapped.box = Box(x: middle.x - width / 2, y: middle.y - height / 2, width: width, height: height)
    let points = face.landmarks.map { map($0, side: side) }
    // In a mirror the right eye is the left one.
    mapped.landmarks = isMirrored ? [points[1], points[0], points[2], points[4], points[3]] : points
    return mapped
  }
}

extension Frame {
  init(width: Int, height: Int, colour: SIMD3<UInt8>) {
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    for i in stride(from: 0, to: pixels.count, by: 3) {
      for channel in 0..<3 { pixels[i + channel] = colour[channel] }
    }
    self.init(width: width, height: height, pixels: pixels)
  }

  /// Colours a rectangle, as far as it lies within the frame.
  mutating func fill(x: Int, y: Int, width: Int, height: Int, _ colour: SIMD3<UInt8>) {
    paste(Frame(width: max(width, 1), height: max(height, 1), colour: colour), x: x, y: y)
  }

  /// A square view of the frame, bilinear; `fill` lies beyond its edges.
  ///
  /// - Parameter window: in the frame's own pixels.
  fileprivate func sampled(through window: FaceWindow, side: Int, fill: SIMD3<UInt8>) -> Frame {
    // Steps and places in 65536ths and 256ths of a pixel.
    func fixed(_ value: Double, _ unit: Double) -> Int { Int((value * unit).rounded()) }
    let mirror = window.isMirrored ? -1.0 : 1.0
    let (across, along) = (cos(window.radians) * window.scale, sin(window.radians) * window.scale)
    let (right, down) = (
      (x: fixed(across * mirror, 65536), y: fixed(-along * mirror, 65536)),
      (x: fixed(along, 65536), y: fixed(across, 65536))
    )
    let half = Double(side - 1) / 2
    let start = (
      x: fixed(window.center.x - 0.5 - half * (across * mirror + along), 65536),
      y: fixed(window.center.y - 0.5 - half * (across - along * mirror), 65536)
    )
    let (width, height) = (width, height)
    let output = [UInt8](unsafeUninitializedCapacity: side * side * 3) { output, initialized in
      pixels.withUnsafeBufferPointer { input in
        var out = 0
        for row in 0..<side {
          for column in 0..<side {
            let x = (start.x &+ column &* right.x &+ row &* down.x) >> 8
            let y = (start.y &+ column &* right.y &+ row &* down.y) >> 8
            let (left, top) = (x >> 8, y >> 8)
            if left < -1 || top < -1 || left >= width || top >= height {
              for channel in 0..<3 { output[out &+ channel] = fill[channel] }
            } else {
              let (first, second) = (max(left, 0), min(left &+ 1, width &- 1))
              let (upper, lower) = (max(top, 0) &* width, min(top &+ 1, height &- 1) &* width)
              let (across, below) = (x & 255, y & 255)
              for channel in 0..<3 {
                let a =
                  Int(input[(upper &+ first) &* 3 &+ channel]) &* (256 &- across)
                  &+ Int(input[(upper &+ second) &* 3 &+ channel]) &* across
                let b =
                  Int(input[(lower &+ first) &* 3 &+ channel]) &* (256 &- across)
                  &+ Int(input[(lower &+ second) &* 3 &+ channel]) &* across
                output[out &+ channel] = UInt8(
                  truncatingIfNeeded: (a &* (256 &- below) &+ b &* below &+ 0x8000) >> 16)
              }
            }
            out &+= 3
          }
        }
      }
      initialized = side * side * 3
    }
    return Frame(width: side, height: side, pixels: output)
  }
}

extension SIMD3<UInt8> {
  fileprivate static func random(using generator: inout SeededGenerator) -> SIMD3<UInt8> {
    let bits = generator.next()
    return SIMD3(
      UInt8(truncatingIfNeeded: bits >> 56), UInt8(truncatingIfNeeded: bits >> 48),
      UInt8(truncatingIfNeeded: bits >> 40))
  }
}

/// A frame and its reductions to a half, a quarter, … of the sides: views of any scale are bilinear without aliasing.
public struct FramePyramid: Sendable {
  /// Each has half the sides of the one before, down to 32 pixels.
  public let levels: [Frame]

  public init(_ frame: Frame) {
    var levels = [frame]
    while let last = levels.last, min(last.width, last.height) >= 64 {
      levels.append(last.resized(width: last.width / 2, height: last.height / 2))
    }
    self.levels = levels
  }

  /// Memory of the pixels.
  public var bytes: Int { levels.reduce(0) { $0 + $1.pixels.count } }

  /// A square view; `fill` lies beyond the frame.
  func seen(through window: FaceWindow, side: Int, fill: SIMD3<UInt8>) -> Frame {
    // The level at which a pixel of the view covers 0.75 to 1.5 pixels.
    let level = min(levels.count - 1, max(0, Int(log2(window.scale * 4 / 3).rounded(.down))))
    let frame = levels[level]
    let (scaleX, scaleY) = (
      Double(frame.width) / Double(levels[0].width), Double(frame.height) / Double(levels[0].height)
    )
    var own = window
    own.center = Point(x: window.center.x * scaleX, y: window.center.y * scaleY)
    own.scale *= scaleX
    return frame.sampled(through: own, side: side, fill: fill)
  }
}
