import Imaging
import TestSupport
import Testing

@testable import Media

@Suite("Pictures are rendered upright and in their own colours")
struct RenderingTests {
  private static let x264 = ["-c:v", "libx264", "-qp", "1"]

  private static let colours: [StillClip] = [
    StillClip(
      name: "bt709.mkv", filter: "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
      encoder: ["-c:v", "ffv1", "-colorspace", "bt709", "-color_range", "tv"], conversion: "in_color_matrix=bt709"),
    StillClip(
      name: "bt601-full.mkv", filter: "scale=out_color_matrix=bt601:out_range=pc,format=yuv422p",
      encoder: ["-c:v", "ffv1", "-colorspace", "smpte170m", "-color_range", "pc"],
      conversion: "in_color_matrix=bt601:in_range=pc"),
    StillClip(
      name: "bt2020.mkv", filter: "scale=out_color_matrix=bt2020,format=yuv420p10le",
      encoder: ["-c:v", "ffv1", "-colorspace", "bt2020nc", "-color_range", "tv"], conversion: "in_color_matrix=bt2020"),
    StillClip(name: "untagged.mkv", filter: "format=yuv420p", conversion: "in_color_matrix=bt601"),
    StillClip(
      name: "untagged-high.mkv", size: (1280, 96), filter: "scale=out_color_matrix=bt709,format=yuv420p",
      conversion: "in_color_matrix=bt709"),
    StillClip(name: "444.mkv", filter: "format=yuv444p", conversion: "in_color_matrix=bt601"),
    StillClip(name: "422-12.mkv", filter: "format=yuv422p12le", conversion: "in_color_matrix=bt601"),
    StillClip(name: "411.mkv", filter: "format=yuv411p", conversion: "in_color_matrix=bt601"),
    StillClip(name: "grey.mkv", filter: "format=gray"),
    StillClip(name: "rgb.mkv", filter: "format=gbrp", conversion: "in_range=auto"),
    StillClip(name: "alpha.mkv", filter: "format=yuva420p", conversion: "in_color_matrix=bt601"),
    StillClip(name: "palette.mkv", filter: "format=pal8", encoder: ["-c:v", "png"]),
    StillClip(
      name: "odd.mkv", size: (131, 77), filter: "scale=131:77,setsar=1,format=yuv420p",
      conversion: "in_color_matrix=bt601"),
    // H.264 says where its colour samples lie.
    StillClip(
      name: "left.mp4", filter: "format=yuv420p", encoder: x264,
      conversion: "in_color_matrix=bt601:in_h_chr_pos=0:in_v_chr_pos=128"),
    StillClip(
      name: "left-422.mp4", filter: "format=yuv422p", encoder: x264,
      conversion: "in_color_matrix=bt601:in_h_chr_pos=0"),
    StillClip(name: "left-444.mp4", filter: "format=yuv444p", encoder: x264, conversion: "in_color_matrix=bt601"),
    StillClip(
      name: "fields-422.mkv", filter: "format=yuv422p,setfield=tff", encoder: x264 + ["-x264-params", "tff=1"],
      conversion: "in_color_matrix=bt601:interl=1:in_h_chr_pos=0"),
    StillClip(
      name: "fields.mkv", filter: "format=yuv420p,setfield=tff", encoder: x264 + ["-x264-params", "tff=1"],
      conversion: "in_color_matrix=bt601:interl=1:in_h_chr_pos=0"),
  ]

  @Test("colours are those that ffmpeg makes", arguments: colours)
  func colour(_ clip: StillClip) throws {
    var reference = try clip.reference(clip.size.width, clip.size.height)
    if clip.name.hasPrefix("fields") { reference = reference.deinterlaced(keeping: 0) }
    try StillClip.withPicture(clip.path()) { picture in
      #expect((picture.width, picture.height) == clip.size)
      let whole = try picture.pixels(of: picture.bounds)
      let difference = try #require(whole.difference(from: reference))
      #expect(difference.largest <= 2)
    }
  }

  private static let regions = [
    Box(x: 0, y: 0, width: 1, height: 1), Box(x: 33, y: 21, width: 50, height: 41),
    Box(x: 60.4, y: 30.7, width: 17.2, height: 9.9), Box(x: -10, y: -7, width: 40, height: 30),
    Box(x: 100, y: 60, width: 300, height: 200), Box(x: 500, y: 400, width: 5, height: 5),
  ]

  /// Without odd sizes, whose colours libswscale stretches by half a sample over the whole.
  private static let even = (colours + shapes).filter { $0.size.width % 2 == 0 }

  @Test("a region is a part of the whole, with repeated edges", arguments: even)
  func region(_ clip: StillClip) throws {
    try StillClip.withPicture(clip.path()) { picture in
      let whole = try picture.pixels(of: picture.bounds)
      for region in Self.regions {
        let part = try picture.pixels(of: region)
        let difference = try #require(part.difference(from: whole.pixels(of: region)))
        #expect(difference.largest == 0, "\(region)")
      }
    }
  }

  /// Not square pixels: told by the container, and by the pictures alone.
  private static let shapes: [StillClip] = [
    StillClip(name: "wide.mkv", filter: "format=yuv420p,setsar=4/3", conversion: "in_color_matrix=bt601"),
    StillClip(
      name: "wide.avi", filter: "format=yuv420p,setsar=4/3", encoder: x264,
      conversion: "in_color_matrix=bt601:in_h_chr_pos=0:in_v_chr_pos=128"),
    StillClip(name: "tall.mkv", filter: "format=yuv420p,setsar=3/4", conversion: "in_color_matrix=bt601"),
  ]

  @Test("pixels that are not square are stretched", arguments: shapes)
  func shape(_ clip: StillClip) throws {
    let size = clip.name.hasPrefix("wide") ? (256, 144) : (192, 192)
    let reference = try clip.reference(size.0, size.1, then: "scale=\(size.0):\(size.1):flags=bilinear")
    try StillClip.withPicture(clip.path()) { picture in
      #expect((picture.width, picture.height) == size)
      let difference = try #require(try picture.pixels(of: picture.bounds).difference(from: reference))
      #expect(difference.mean < 1)
    }
  }

  @Test("a shape of pixels that no player can follow is none", arguments: [(20, 1, 192), (1, 20, 192), (4, 1, 768)])
  func nonsenseShapes(width: Int, height: Int, shown: Int) throws {
    let still = StillClip(name: "shape-\(width)-\(height).mkv", filter: "format=yuv420p,setsar=\(width)/\(height)")
    try StillClip.withPicture(still.path()) { picture in
      #expect(picture.width == shown)
      #expect(picture.height == 144)
    }
  }

  @Test("pictures are turned", arguments: [90, 180, 270])
  func rotation(clockwise degrees: Int) throws {
    let plain = StillClip(name: "plain.mp4", filter: "format=yuv420p", encoder: Self.x264)
    _ = try plain.path()
    let path = try TestClips.make(
      "turned-\(degrees).mp4", ["-i", "CLIP/plain.mp4", "-c", "copy", "-metadata:s:v", "rotate=\(360 - degrees)"])
    let size = degrees == 180 ? (192, 144) : (144, 192)
    let reference = try StillClip.converted(path, size.0, size.1, "scale=in_color_matrix=bt601,format=rgb24")
    try StillClip.withPicture(path) { picture in
      #expect((picture.width, picture.height) == size)
      let whole = try picture.pixels(of: picture.bounds)
      let difference = try #require(whole.difference(from: reference))
      // Colour samples lie elsewhere when ffmpeg turns the picture before it converts it.
      #expect(difference.mean < 6)
      for region in Self.regions { #expect(try picture.pixels(of: region) == whole.pixels(of: region)) }
      let thumbnail = try picture.thumbnail(of: picture.bounds, width: size.0 / 4, height: size.1 / 4)
      let small = whole.resized(width: size.0 / 4, height: size.1 / 4)
      #expect(try #require(thumbnail.difference(from: small)).mean < 10)
    }
    try withDescriptor(path) { descriptor in
      let info = try VideoReader(descriptor: descriptor).info
      #expect(info.rotation == degrees)
      #expect((info.displayWidth, info.displayHeight) == size)
    }
  }

  @Test("a turn that only the pictures tell")
  func rotationInStream() throws {
    let plain = StillClip(name: "plain.mp4", filter: "format=yuv420p", encoder: Self.x264)
    _ = try plain.path()
    let path = try TestClips.make(
      "turned-by-sei.mkv",
      ["-i", "CLIP/plain.mp4", "-c", "copy", "-bsf:v", "h264_metadata=display_orientation=insert:rotate=90"])
    let upright = try StillClip.converted(path, 144, 192, "scale=in_color_matrix=bt601,format=rgb24")
    try StillClip.withPicture(path) { picture in
      let difference = try #require(try picture.pixels(of: picture.bounds).difference(from: upright))
      #expect(difference.mean < 6)
    }
  }

  @Test("thumbnails average over areas")
  func thumbnail() throws {
    let clip = StillClip(
      name: "bt709.mkv", filter: "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
      encoder: ["-c:v", "ffv1", "-colorspace", "bt709", "-color_range", "tv"])
    let path = try clip.path()
    let whole = try StillClip.converted(path, 80, 60, "scale=80:60:in_color_matrix=bt709:flags=area,format=rgb24")
    let part = try StillClip.converted(
      path, 40, 30, "crop=96:72:64:32,scale=40:30:in_color_matrix=bt709:flags=area,format=rgb24")
    try StillClip.withPicture(path) { picture in
      let thumbnail = try picture.thumbnail(of: picture.bounds, width: 80, height: 60)
      #expect(try #require(thumbnail.difference(from: whole)).largest <= 2)
      let region = Box(x: 64, y: 32, width: 96, height: 72)
      #expect(try #require(picture.thumbnail(of: region, width: 40, height: 30).difference(from: part)).largest <= 2)
      // What lies outside is cut off; beside the picture there is its edge.
      let beyond = Box(x: -100, y: -100, width: 292, height: 244)
      #expect(try picture.thumbnail(of: beyond, width: 80, height: 60) == thumbnail)
      let nothing = try picture.thumbnail(of: Box(x: -50, y: 0, width: 10, height: 10), width: 2, height: 2)
      #expect(try nothing == picture.pixels(of: Box(x: 0, y: 0, width: 1, height: 10)).resized(width: 2, height: 2))
    }
  }
}
