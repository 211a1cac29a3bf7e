import CFFmpeg
import Imaging

/// A frame's memory, shared with whoever else refers to it, until the last one lets go.
final class FrameReference {
  let raw: UnsafeMutablePointer<AVFrame>

  /// Another reference to a frame; without one an empty frame.
  init(to frame: UnsafeMutablePointer<AVFrame>? = nil) throws(MediaError) {
    let made = frame.map { av_frame_clone($0) } ?? av_frame_alloc()
    guard let made else { throw .ffmpeg(call: "av_frame_clone", code: shim_out_of_memory()) }
    raw = made
  }

  deinit {
    var owned: UnsafeMutablePointer<AVFrame>? = raw
    av_frame_free(&owned)
  }

  /// Makes the pixels this reference's own.
  func makeWritable() throws(MediaError) {
    let code = av_frame_make_writable(raw)
    guard code >= 0 else { throw .ffmpeg(call: "av_frame_make_writable", code: code) }
  }
}

extension PictureError {
  /// Adds the luma of a frame.
  ///
  /// - Precondition: both frames have 8 bits, planes and the same size.
  mutating func addLuma(of frame: FrameReference, insteadOf original: FrameReference) {
    let (a, b) = (frame.raw, original.raw)
    precondition(a.pointee.width == b.pointee.width && a.pointee.height == b.pointee.height, "sizes differ")
    guard let luma = a.pointee.data.0, let originalLuma = b.pointee.data.0 else { return }
    let width = Int(a.pointee.width)
    for row in 0..<Int(a.pointee.height) {
      let line = UnsafeBufferPointer(start: luma + row * Int(a.pointee.linesize.0), count: width)
      let originalLine = UnsafeBufferPointer(start: originalLuma + row * Int(b.pointee.linesize.0), count: width)
      add(line.span, insteadOf: originalLine.span)
    }
  }
}
