import CFFmpeg

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
