public import Compute

/// Random differentiable transformations of the discriminator's inputs, applied to real and generated images alike;
/// gradients reach the generator. They keep a discriminator from memorising a small data set, without the generator
/// learning the transformations (Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training").
///
/// For images `[N, C, H, W]` in -1…1. All transformations are affine in the image.
public struct DifferentiableAugmentation: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Brightness ±½, saturation 0…2, contrast ½…1½, relative to the image's own means.
    case colour
    /// By up to an eighth of the side in each direction; uncovered pixels are 0.
    case translation
    /// A square of half the side is set to 0.
    case cutout
  }

  /// Applied in the order of the cases.
  public let kinds: Set<Kind>

  public init(_ kinds: Set<Kind> = Set(Kind.allCases)) {
    self.kinds = kinds
  }

  /// Random parameters for one image.
  public struct Draw: Sendable, Hashable {
    var brightness: Float = 0
    var saturation: Float = 1
    var contrast: Float = 1
    /// Shift in rows (down) and columns (right).
    var rows = 0
    var columns = 0
    /// Rows and columns that are set to 0; empty for none.
    var cutRows = 0..<0
    var cutColumns = 0..<0
  }

  /// Random parameters for `count` images of that height and width.
  public func draws(_ count: Int, height: Int, width: Int, using generator: inout SeededGenerator) -> [Draw] {
    (0..<count).map { _ in
      var draw = Draw()
      if kinds.contains(.colour) {
        draw.brightness = generator.uniform() - 0.5
        draw.saturation = 2 * generator.uniform()
        draw.contrast = 0.5 + generator.uniform()
      }
      if kinds.contains(.translation) {
        draw.rows = Self.whole(-(height / 8)...(height / 8), using: &generator)
        draw.columns = Self.whole(-(width / 8)...(width / 8), using: &generator)
      }
      if kinds.contains(.cutout) {
        draw.cutRows = Self.cut(height, using: &generator)
        draw.cutColumns = Self.cut(width, using: &generator)
      }
      return draw
    }
  }

  /// The transformed images.
  ///
  /// - Parameter x: `[N, C, H, W]`, with N equal to the number of draws.
  public func forward(_ x: Tensor, _ draws: [Draw]) -> Tensor {
    changed(x, draws) { x, y, plane, draw in
      plane.mixColours(x, into: y, saturation: draw.saturation, contrast: draw.contrast, offset: draw.brightness)
      plane.move(y, rows: draw.rows, columns: draw.columns)
      plane.clear(y, rows: draw.cutRows, columns: draw.cutColumns)
    }
  }

  /// The gradient with respect to the images.
  ///
  /// - Parameter dy: gradient with respect to the transformed images, in their shape.
  public func backward(_ dy: Tensor, _ draws: [Draw]) -> Tensor {
    changed(dy, draws) { dy, dx, plane, draw in
      let moved = UnsafeMutablePointer<Float>.allocate(capacity: plane.count)
      defer { moved.deallocate() }
      moved.update(from: dy, count: plane.count)
      plane.clear(moved, rows: draw.cutRows, columns: draw.cutColumns)
      plane.move(moved, rows: -draw.rows, columns: -draw.columns)
      plane.mixColoursBackward(moved, into: dx, saturation: draw.saturation, contrast: draw.contrast)
    }
  }

  private func changed(
    _ x: Tensor, _ draws: [Draw],
    _ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, PicturePlanes, Draw) -> Void
  ) -> Tensor {
    precondition(x.shape.rank == 4 && x.shape[0] == draws.count, "\(draws.count) draws for \(x.shape)")
    let planes = PicturePlanes(channels: x.shape[1], height: x.shape[2], width: x.shape[3])
    return x.withFloats { source in
      Tensor(x.shape) { target in
        for (sample, draw) in draws.enumerated() {
          body(source.start + sample * planes.count, target.start + sample * planes.count, planes, draw)
        }
      }
    }
  }

  /// A range of half the side around a random centre, clipped to the image.
  private static func cut(_ side: Int, using generator: inout SeededGenerator) -> Range<Int> {
    let length = side / 2
    let start = whole(0...side, using: &generator) - length / 2
    return max(start, 0)..<max(min(start + length, side), 0)
  }

  private static func whole(_ range: ClosedRange<Int>, using generator: inout SeededGenerator) -> Int {
    range.lowerBound + Int(generator.next().multipliedFullWidth(by: UInt64(range.count)).high)
  }
}

/// One image, `[C, H, W]`, and its transformations.
private struct PicturePlanes {
  let channels: Int
  let height: Int
  let width: Int

  var area: Int { height * width }
  var count: Int { channels * area }

  /// Brightness first, as in the paper's code: it changes the image's mean, about which contrast is scaled.
  /// `y = c·s·x + c·(1 - s)·m(x) + (1 - c)·M(x) + b`, with m the mean over a pixel's channels and M over the image.
  func mixColours(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, saturation: Float, contrast: Float, offset: Float
  ) {
    mix(x, into: y, own: contrast * saturation, ofPixel: contrast * (1 - saturation), ofPicture: 1 - contrast)
    guard offset != 0 else { return }
    for i in 0..<count { y[i] += offset }
  }

  /// The map is symmetric, so it is its own transpose.
  func mixColoursBackward(
    _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, saturation: Float, contrast: Float
  ) {
    mix(dy, into: dx, own: contrast * saturation, ofPixel: contrast * (1 - saturation), ofPicture: 1 - contrast)
  }

  private func mix(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, own: Float, ofPixel: Float, ofPicture: Float
  ) {
    var sum = 0.0
    for i in 0..<count { sum += Double(x[i]) }
    let constant = ofPicture * Float(sum / Double(count))
    for pixel in 0..<area {
      var mean: Float = 0
      for channel in 0..<channels { mean += x[channel * area + pixel] }
      mean = mean / Float(channels) * ofPixel + constant
      for channel in 0..<channels { y[channel * area + pixel] = own * x[channel * area + pixel] + mean }
    }
  }

  /// Shifts the image; uncovered pixels are 0.
  func move(_ x: UnsafeMutablePointer<Float>, rows: Int, columns: Int) {
    guard rows != 0 || columns != 0 else { return }
    let order = rows > 0 ? Array((0..<height).reversed()) : Array(0..<height)
    let kept = max(0, width - abs(columns))
    for channel in 0..<channels {
      let plane = x + channel * area
      for row in order {
        let target = plane + row * width
        guard (0..<height).contains(row - rows) else {
          target.update(repeating: 0, count: width)
          continue
        }
        // `update` permits overlap.
        let source = plane + (row - rows) * width
        target.advanced(by: max(columns, 0)).update(from: source + max(-columns, 0), count: kept)
        let bare = columns > 0 ? target : target + kept
        bare.update(repeating: 0, count: width - kept)
      }
    }
  }

  /// Sets a rectangle to 0.
  func clear(_ x: UnsafeMutablePointer<Float>, rows: Range<Int>, columns: Range<Int>) {
    for channel in 0..<channels {
      for row in rows {
        (x + channel * area + row * width + columns.lowerBound).update(repeating: 0, count: columns.count)
      }
    }
  }
}
