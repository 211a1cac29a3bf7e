import CFFmpeg
public import Imaging

/// How a video is written anew.
public struct TranscodeSettings: Sendable, Hashable, Codable {
  /// Constant rate factor of libx264, 0…51.
  public var crf: Int
  /// Preset of libx264.
  public var preset = "medium"
  /// What the container says in its comment.
  public var comment: String

  public init(crf: Int, comment: String) {
    self.crf = crf
    self.comment = comment
  }
}

/// What became of a video that was written anew.
public struct TranscodeReport: Sendable, Hashable, Codable {
  public internal(set) var frames = 0
  public internal(set) var patchedFrames = 0
  /// Of the luma of all pictures against the original: as they went to the encoder, and as they came out of it.
  public internal(set) var patched = PictureError()
  public internal(set) var coded = PictureError()
  public internal(set) var copiedStreams = 0
  /// Streams that MP4 does not take.
  public internal(set) var leftOut: [String] = []
  /// Packets of copied streams that were left out since their times go backwards.
  public internal(set) var droppedPackets = 0
  public internal(set) var decodeErrors = 0
}

extension VideoReader {
  /// Writes the video to an MP4 file, its pictures patched and coded by libx264, all else copied, at the same times.
  ///
  /// - Parameters:
  ///   - patches: for the frame of a packet, asked for in order of presentation.
  ///   - output: takes bytes and where in the file they belong; goes back to fill in sizes.
  /// - Throws: what the closures throw; `MediaError.unsupported` when pixels are not square, the size changes, frames are
  ///   interlaced, of a high dynamic range or turned by the coded stream instead of the container.
  public func rewrite(
    _ settings: TranscodeSettings, patches: (_ packet: Int) throws -> [PicturePatch],
    output: (_ bytes: [UInt8], _ position: Int64) throws -> Void
  ) throws -> TranscodeReport {
    // The transcode, and the output with it, is gone when this returns.
    try withoutActuallyEscaping(output) { output in
      let source = try Demuxer(
        descriptor: descriptor, limits: limits, scope: .video, track: track.stream)
      let transcode = try TranscodeInProgress(
        source, try OutputSink(output), settings, descriptor: descriptor, limits: limits)
      let report = try forEachFrame { (picture, frame, packet) in
        try transcode.append(picture, pts: frame.pts, patches: try patches(packet))
      }
      return try transcode.finish(decodeErrors: report.decodeErrors)
    }
  }
}

/// A video that is being written anew, picture by picture.
private final class TranscodeInProgress {
  private let source: Demuxer
  private let settings: TranscodeSettings
  private let converter = PlanarConverter()
  private var writer: MP4Writer
  private let openOthers: (inout MP4Writer) throws(MediaError) -> StreamCopy
  /// Opened with the first picture.
  private var coding: VideoCoding?
  private var others: StreamCopy?
  private var videoStream: CInt = 0
  private var lastTime: Int64?
  private var report = TranscodeReport()

  init(
    _ source: consuming Demuxer, _ sink: OutputSink, _ settings: TranscodeSettings, descriptor: CInt,
    limits: DecodeLimits
  ) throws(MediaError) {
    var writer = try MP4Writer(sink, startMicroseconds: source.startMicroseconds)
    writer.setMetadata(source.metadata, comment: settings.comment)
    let track = Int(source.stream.pointee.index)
    openOthers = { (writer) throws(MediaError) in
      try StreamCopy(descriptor: descriptor, limits: limits, track: track, into: &writer)
    }
    self.source = source
    self.settings = settings
    self.writer = writer
  }

  func append(_ picture: borrowing DecodedPicture, pts: Int64, patches: [PicturePatch]) throws {
    guard picture.orientation.turnsAs(Orientation(source.stream)) else {
      throw MediaError.unsupported(what: "writing a video that the coded stream turns, not its container")
    }
    let original = try converter.planar(picture.frame)
    let changed = try FrameReference(to: original.raw)
    if let patch = try picture.merged(patches) {
      try changed.makeWritable()
      changed.apply(patch.new, insteadOf: patch.old, picture.orientation)
      report.patchedFrames += 1
    }
    report.frames += 1
    report.patched.addLuma(of: changed, insteadOf: original)
    if coding == nil { try begin(with: changed) }
    let time = max(pts, lastTime.map { $0 + 1 } ?? pts)
    changed.raw.pointee.pts = time
    original.raw.pointee.pts = time
    lastTime = time
    try coding?.code(changed, original: original) { packet in try write(packet) }
  }

  func finish(decodeErrors: Int) throws -> TranscodeReport {
    guard coding != nil else { throw MediaError.truncated(what: "not one frame could be decoded") }
    try coding?.finish { packet in try write(packet) }
    try others?.copy(into: &writer)
    try writer.finish()
    report.coded = coding?.error ?? PictureError()
    if let others = others.take() {
      report.copiedStreams = others.count
      report.leftOut = others.leftOut
      report.droppedPackets = others.droppedPackets
    }
    report.decodeErrors = decodeErrors
    return report
  }

  private func begin(with first: FrameReference) throws {
    let opened = try VideoCoding(
      like: first, source.stream, options: ["crf": "\(settings.crf)", "preset": settings.preset])
    videoStream = try writer.addVideo(opened.encoder, like: source.stream)
    coding = consume opened
    others = try openOthers(&writer)
    try writer.begin()
  }

  private func write(_ packet: borrowing Packet) throws {
    let base = source.stream.pointee.time_base
    try others?.copy(before: Double(packet.raw.pointee.dts) * av_q2d(base), into: &writer)
    try writer.write(packet, to: videoStream, timeBase: base)
  }
}

extension DecodedPicture {
  /// Patches as one, which covers them all: where two overlap, the later one counts.
  ///
  /// - Returns: new and old pixels; nil without patches.
  /// - Throws: `MediaError.unsupported` when pixels are not square or of a high dynamic range, or the frame is interlaced:
  ///   there patches are no pixels of the video.
  fileprivate borrowing func merged(_ patches: [PicturePatch]) throws(MediaError) -> (
    new: PicturePatch, old: Frame
  )? {
    guard orientation.pixelAspect == 1 else {
      throw .unsupported(what: "writing a video whose pixels are not square")
    }
    guard dynamicRange == nil else {
      throw .unsupported(what: "writing a video of a high dynamic range")
    }
    guard firstField == nil else { throw .unsupported(what: "writing an interlaced video") }
    guard let first = patches.first else { return nil }
    let (left, top) = (patches.map(\.x).min() ?? first.x, patches.map(\.y).min() ?? first.y)
    let right = patches.map { $0.x + $0.pixels.width }.max() ?? left + 1
    let bottom = patches.map { $0.y + $0.pixels.height }.max() ?? top + 1
    guard left >= 0, top >= 0, right <= width, bottom <= height else {
      throw .damaged(what: "a patch does not lie in the picture")
    }
    let old = try pixels(
      of: Box(x: Double(left), y: Double(top), width: Double(right - left), height: Double(bottom - top)))
    var new = PicturePatch(x: left, y: top, pixels: old)
    for patch in patches {
      let rowBytes = patch.pixels.width * 3
      for row in 0..<patch.pixels.height {
        let to = ((patch.y - top + row) * old.width + patch.x - left) * 3
        new.pixels.pixels.replaceSubrange(
          to..<to + rowBytes, with: patch.pixels.pixels[row * rowBytes..<(row + 1) * rowBytes])
      }
    }
    return (new, old)
  }
}
