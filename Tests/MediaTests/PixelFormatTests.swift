import CFFmpeg
import Imaging
import Testing

@testable import Media

@Suite("Pixel formats")
struct PixelFormatTests {
  private static let size = (width: 180, height: 132)
  private static let regions = [
    Box(x: 0, y: 0, width: 1, height: 1), Box(x: 33, y: 21, width: 50, height: 41),
    Box(x: 60, y: 30, width: 17, height: 10), Box(x: 101, y: 61, width: 79, height: 71),
  ]

  private static var descriptors: [UnsafePointer<AVPixFmtDescriptor>] {
    Array(
      sequence(first: nil) { av_pix_fmt_desc_next($0) }.dropFirst().prefix { $0 != nil }.compactMap { $0 })
  }

  /// Names of all formats that libswscale reads.
  private static let readable = descriptors.filter {
    sws_isSupportedInput(av_pix_fmt_desc_get_id($0)) != 0
  }.map {
    String(cString: $0.pointee.name)
  }

  @Test("there are packed, planar, paletted, Bayer and bit-packed ones among those that are tested")
  func kinds() {
    #expect(Self.readable.count > 150)
    let names = [
      "uyvy422", "yuyv422", "yvyu422", "y210le", "nv12", "nv21", "p010le", "pal8", "bayer_rggb8",
      "bayer_gbrg16le", "monow", "monob", "bgr4_byte", "rgb565le", "x2rgb10le", "gbrpf32le",
      "xyz12le",
      "ya16le",
    ]
    #expect(Set(names).isSubset(of: Self.readable))
  }

  @Test(
    "a crop is a part of the converted frame, of progressive and of interlaced ones",
    arguments: readable)
  func crop(_ name: String) throws {
    let frame = try Self.frame(name) { _, _, _ in UInt32.random(in: 0...UInt32.max) }
    defer { withExtendedLifetime(frame) {} }
    for isInterlaced in [false, true] {
      frame.raw.pointee.interlaced_frame = isInterlaced ? 1 : 0
      let picture = DecodedPicture(frame.raw, Orientation(), ColorConverter())
      let whole = try picture.pixels(of: picture.bounds)
      if !isInterlaced { #expect(try whole == Self.converted(frame)) }
      for region in Self.regions {
        #expect(try picture.pixels(of: region) == whole.pixels(of: region), "\(region)")
      }
    }
  }

  @Test(
    "thumbnails begin where they should, in the middle of a group of packed pixels too",
    arguments: ["uyvy422", "yuyv422", "yvyu422", "bayer_bggr8", "yuv422p", "nv12"])
  func thumbnail(_ name: String) throws {
    // Slopes that no two components share.
    let frame = try Self.frame(name) { component, x, y in
      UInt32(60 + x / 3 + [y / 3, 40 - x / 6, y / 4][component % 3]) << 24
    }
    defer { withExtendedLifetime(frame) {} }
    let picture = DecodedPicture(frame.raw, Orientation(), ColorConverter())
    for region in Self.regions.dropFirst() {
      let size = (Int(region.width) / 2, Int(region.height) / 2)
      let expected = try picture.pixels(of: region).resized(width: size.0, height: size.1)
      let thumbnail = try picture.thumbnail(of: region, width: size.0, height: size.1)
      let difference = try #require(thumbnail.difference(from: expected))
      #expect(difference.mean < 3, "\(region)")
    }
  }

  @Test("frames in the memory of a graphics card are refused")
  func hardware() throws {
    let hardware = Self.descriptors.filter {
      $0.pointee.flags & UInt64(AV_PIX_FMT_FLAG_HWACCEL) != 0
    }
    #expect(hardware.count > 5)
    for descriptor in hardware {
      let frame = try FrameReference()
      frame.raw.pointee.format = av_pix_fmt_desc_get_id(descriptor).rawValue
      (frame.raw.pointee.width, frame.raw.pointee.height) = (64, 64)
      defer { withExtendedLifetime(frame) {} }
      let picture = DecodedPicture(frame.raw, Orientation(), ColorConverter())
      #expect(throws: MediaError.unsupported(what: "the pixel format of the frames")) {
        _ = try picture.pixels(of: picture.bounds)
      }
    }
  }

  /// A frame of a format.
  ///
  /// - Parameter value: of a component at a place, of which the highest bits count.
  private static func frame(
    _ name: String, _ value: (_ component: Int, _ x: Int, _ y: Int) -> UInt32
  ) throws
    -> FrameReference
  {
    let format = av_get_pix_fmt(name)
    let descriptor = try #require(av_pix_fmt_desc_get(format))
    let frame = try FrameReference()
    frame.raw.pointee.format = format.rawValue
    (frame.raw.pointee.width, frame.raw.pointee.height) = (CInt(size.width), CInt(size.height))
    try #require(av_frame_get_buffer(frame.raw, 0) >= 0)
    // Components that share bytes are added to what is there.
    withUnsafeBytes(of: frame.raw.pointee.buf) { buffers in
      for buffer in buffers.bindMemory(to: UnsafeMutablePointer<AVBufferRef>?.self) {
        if let buffer { buffer.pointee.data.update(repeating: 0, count: buffer.pointee.size) }
      }
    }
    var planes = withUnsafeBytes(of: frame.raw.pointee.data) {
      Array($0.bindMemory(to: UnsafeMutablePointer<UInt8>?.self))
    }
    let lines = withUnsafeBytes(of: frame.raw.pointee.linesize) {
      Array($0.bindMemory(to: CInt.self))
    }
    let flags = descriptor.pointee.flags
    if flags & UInt64(AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_PAL) != 0 {
      // Every byte is a value.
      for (plane, line) in zip(planes, lines) {
        guard let plane else { continue }
        let rows = plane == planes[1] ? 1 : size.height
        let bytes = plane == planes[1] ? 1024 : Int(line)
        for y in 0..<rows {
          for x in 0..<bytes { plane[y * Int(line) + x] = UInt8(value(0, x, y) >> 24) }
        }
      }
      return frame
    }
    for component in 0..<Int(descriptor.pointee.nb_components) {
      let isChroma = component == 1 || component == 2
      let across = isChroma ? Int(descriptor.pointee.log2_chroma_w) : 0
      let down = isChroma ? Int(descriptor.pointee.log2_chroma_h) : 0
      let depth = withUnsafeBytes(of: descriptor.pointee.comp) {
        $0.bindMemory(to: AVComponentDescriptor.self)[component].depth
      }
      for y in 0..<(size.height + (1 << down) - 1) >> down {
        let line = (0..<(size.width + (1 << across) - 1) >> across).map { x in
          let value = value(component, x << across, y << down)
          return flags & UInt64(AV_PIX_FMT_FLAG_FLOAT) != 0
            ? (Float(value) / Float(UInt32.max)).bitPattern : value >> (32 - UInt32(depth))
        }
        av_write_image_line2(
          line, &planes, lines, descriptor, 0, CInt(y), CInt(component), CInt(line.count), 4)
      }
    }
    return frame
  }

  /// The frame as libswscale converts it in one piece.
  private static func converted(_ frame: FrameReference) throws -> Frame {
    let format = AVPixelFormat(frame.raw.pointee.format)
    let (width, height) = (frame.raw.pointee.width, frame.raw.pointee.height)
    let flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_BITEXACT
    let context = try #require(
      sws_getContext(width, height, format, width, height, AV_PIX_FMT_RGB24, flags, nil, nil, nil))
    defer { sws_freeContext(context) }
    let lineBytes = (size.width * 3 + 127) / 64 * 64
    var bytes = [UInt8](repeating: 0, count: lineBytes * size.height + 64)
    let planes = withUnsafeBytes(of: frame.raw.pointee.data) {
      Array($0.bindMemory(to: UnsafePointer<UInt8>?.self))
    }
    let lines = withUnsafeBytes(of: frame.raw.pointee.linesize) {
      Array($0.bindMemory(to: CInt.self))
    }
    bytes.withUnsafeMutableBufferPointer { bytes in
      var targets = [bytes.baseAddress, nil, nil, nil]
      _ = sws_scale(context, planes, lines, 0, height, &targets, [CInt(lineBytes), 0, 0, 0])
    }
    let rows = (0..<size.height).flatMap { bytes[$0 * lineBytes..<$0 * lineBytes + size.width * 3] }
    return Frame(width: size.width, height: size.height, pixels: rows)
  }
}
