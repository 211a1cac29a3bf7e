import CFFmpeg
public import Imaging

/// A decoded frame that is still in the decoder's own format; parts of it are converted when they are asked for.
///
/// Upright, square pixels; colour matrix and range are those that the frame declares. Frames of a high dynamic range are
/// mapped to SDR, interlaced frames are deinterlaced. Valid only inside of the call that it was handed to.
public struct DecodedPicture: ~Copyable, Picture {
  let frame: UnsafeMutablePointer<AVFrame>
  let orientation: Orientation
  private let converter: ColorConverter
  public let width: Int
  public let height: Int

  /// - Parameter orientation: what the container says.
  init(_ frame: UnsafeMutablePointer<AVFrame>, _ orientation: Orientation, _ converter: ColorConverter) {
    self.frame = frame
    self.converter = converter
    self.orientation = orientation.completed(by: frame)
    (width, height) = self.orientation.displaySize(
      codedWidth: Int(frame.pointee.width), codedHeight: Int(frame.pointee.height))
  }

  /// What it was before it became SDR; nil where it has always been.
  var dynamicRange: DynamicRange? { DynamicRange(of: frame) }

  /// The field that was taken first; nil for a progressive frame.
  var firstField: FrameRows? { converter.traits.firstField(of: frame) }

  /// Whether parts of the picture are transparent, as far as every fourth pixel of every fourth row tells; what shows
  /// through them is the player's choice.
  var isTransparent: Bool {
    if converter.traits.hasSeparateAlpha { return true }
    guard let format = av_pix_fmt_desc_get(AVPixelFormat(frame.pointee.format))?.pointee,
      format.flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0, format.flags & UInt64(AV_PIX_FMT_FLAG_PAL) == 0
    else { return false }
    // Transparency is the last component.
    let alpha = format.nb_components == 2 ? format.comp.1 : format.comp.3
    let planes = withUnsafeBytes(of: frame.pointee.data) { Array($0.bindMemory(to: UnsafePointer<UInt8>?.self)) }
    let lines = withUnsafeBytes(of: frame.pointee.linesize) { Array($0.bindMemory(to: CInt.self)) }
    guard let plane = planes[Int(alpha.plane)], alpha.depth >= 8 else { return false }
    // The byte with the highest bits.
    let isBigEndian = format.flags & UInt64(AV_PIX_FMT_FLAG_BE) != 0
    let offset = Int(alpha.offset) + (alpha.depth > 8 && !isBigEndian ? 1 : 0)
    let opaque = UInt8(alpha.depth > 8 ? (1 << (alpha.depth - 8)) - 1 : 255)
    for y in stride(from: 0, to: Int(frame.pointee.height), by: 4) {
      let row = plane + y * Int(lines[Int(alpha.plane)]) + offset
      for x in stride(from: 0, to: Int(frame.pointee.width), by: 4) where row[x * Int(alpha.step)] < opaque {
        return true
      }
    }
    return false
  }

  /// Averages over areas when it shrinks; the region is taken to whole coded pixels.
  public func thumbnail(of region: Box, width: Int, height: Int) throws(MediaError) -> Frame {
    precondition(width >= 1 && height >= 1, "a thumbnail of \(width)×\(height) has no pixels")
    guard let visible = region.intersection(bounds) else {
      return try pixels(of: region).resized(width: width, height: height)
    }
    let source = PixelRectangle(nearest: coded(visible)).clamped(to: codedBounds)
    let size = orientation.isTransposed ? (height, width) : (width, height)
    return orientation.turned(try converter.scaled(frame, source, width: size.0, height: size.1))
  }

  public func pixels(of region: Box) throws(MediaError) -> Frame {
    let whole = PixelRectangle(touchedBy: region)
    let visible = whole.clamped(to: PixelRectangle(touchedBy: bounds))
    // The edges of the visible part that the region reaches beyond are those of the picture.
    return try upright(visible).pixels(of: whole.box(from: visible))
  }

  /// Exactly the pixels of `rectangle`, which lies inside of the picture.
  private func upright(_ rectangle: PixelRectangle) throws(MediaError) -> Frame {
    guard orientation.pixelAspect != 1 else {
      return orientation.turned(try converter.pixels(frame, PixelRectangle(nearest: coded(rectangle.box))))
    }
    // Pixels that are not square are converted as they are, with one more on each side to mix from, then stretched.
    let box = coded(rectangle.box)
    let source = PixelRectangle(touchedBy: box).widened(by: 1).clamped(to: codedBounds)
    let native = try converter.pixels(frame, source)
    let part = Box(x: box.x - Double(source.x), y: box.y - Double(source.y), width: box.width, height: box.height)
    let size = orientation.isTransposed ? (rectangle.height, rectangle.width) : (rectangle.width, rectangle.height)
    return orientation.turned(native.thumbnail(of: part, width: size.0, height: size.1))
  }

  private var codedBounds: PixelRectangle {
    PixelRectangle(x: 0, y: 0, right: Int(frame.pointee.width), bottom: Int(frame.pointee.height))
  }

  /// A region of the upright picture in coded pixels.
  private func coded(_ region: Box) -> Box {
    let coded = codedBounds
    let stretched = orientation.stretchedSize(codedWidth: coded.width, codedHeight: coded.height)
    let box = orientation.unturned(region, width: stretched.width, height: stretched.height)
    let scaleX = Double(coded.width) / Double(stretched.width)
    let scaleY = Double(coded.height) / Double(stretched.height)
    return Box(x: box.x * scaleX, y: box.y * scaleY, width: box.width * scaleX, height: box.height * scaleY)
  }
}

extension DecodedPicture {
  /// MD5 of the decoded planes without their padding, as `ffmpeg -f framemd5` computes it: proof that a frame is, bit
  /// for bit, that of a full decode.
  func planeDigest() throws(MediaError) -> String {
    let (width, height) = (frame.pointee.width, frame.pointee.height)
    let format = AVPixelFormat(frame.pointee.format)
    let size = av_image_get_buffer_size(format, width, height, 1)
    guard size > 0 else { throw .unsupported(what: "the pixel format of the frames") }
    var packed = [UInt8](repeating: 0, count: Int(size))
    let planes = withUnsafeBytes(of: frame.pointee.data) { Array($0.bindMemory(to: UnsafePointer<UInt8>?.self)) }
    let lines = withUnsafeBytes(of: frame.pointee.linesize) { Array($0.bindMemory(to: CInt.self)) }
    av_image_copy_to_buffer(&packed, size, planes, lines, format, width, height, 1)
    var digest = [UInt8](repeating: 0, count: 16)
    av_md5_sum(&digest, packed, packed.count)
    return digest.map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
  }
}

/// Owns one decoded frame's memory, which the next frame replaces.
struct PictureBuffer: ~Copyable {
  let raw: UnsafeMutablePointer<AVFrame>

  init() throws(MediaError) {
    guard let frame = av_frame_alloc() else { throw .ffmpeg(call: "av_frame_alloc", code: shim_out_of_memory()) }
    raw = frame
  }

  deinit {
    var owned: UnsafeMutablePointer<AVFrame>? = raw
    av_frame_free(&owned)
  }
}
