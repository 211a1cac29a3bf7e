import CFFmpeg

/// Lets FFmpeg write through a closure, and nowhere else.
///
/// It may go back and write again what it has written: containers fill in sizes at the end.
final class OutputSink {
  /// Takes bytes and the position in the file where they belong.
  typealias Body = (_ bytes: [UInt8], _ position: Int64) throws -> Void

  private static let bufferBytes = 1 << 18

  private let body: Body
  private var position: Int64 = 0
  private var size: Int64 = 0
  /// What the closure threw first; everything after it fails.
  private(set) var failure: (any Error)?
  private(set) var context: UnsafeMutablePointer<AVIOContext>?

  init(_ body: @escaping Body) throws(MediaError) {
    self.body = body
    let buffer = av_malloc(Self.bufferBytes)?.assumingMemoryBound(to: UInt8.self)
    context = avio_alloc_context(
      buffer, CInt(Self.bufferBytes), 1, Unmanaged.passUnretained(self).toOpaque(), nil,
      { opaque, bytes, count in OutputSink.from(opaque)?.write(bytes, count) ?? shim_io_error() },
      { opaque, offset, origin in OutputSink.from(opaque)?.seek(offset, origin) ?? Int64(shim_io_error()) })
    guard context != nil else {
      av_free(buffer)
      throw .ffmpeg(call: "avio_alloc_context", code: shim_out_of_memory())
    }
  }

  deinit {
    if let context { av_freep(&context.pointee.buffer) }
    avio_context_free(&context)
  }

  private static func from(_ opaque: UnsafeMutableRawPointer?) -> OutputSink? {
    opaque.map { Unmanaged<OutputSink>.fromOpaque($0).takeUnretainedValue() }
  }

  private func write(_ bytes: UnsafeMutablePointer<UInt8>?, _ count: CInt) -> CInt {
    guard failure == nil else { return shim_io_error() }
    do {
      try body(Array(UnsafeBufferPointer(start: bytes, count: Int(count))), position)
    } catch {
      failure = error
      return shim_io_error()
    }
    position += Int64(count)
    size = max(size, position)
    return count
  }

  private func seek(_ offset: Int64, _ origin: CInt) -> Int64 {
    let target: Int64
    switch origin & ~AVSEEK_FORCE {
    case AVSEEK_SIZE: return size
    case SEEK_SET: target = offset
    case SEEK_CUR: target = position &+ offset
    case SEEK_END: target = size &+ offset
    default: return Int64(shim_invalid_argument())
    }
    guard target >= 0 else { return Int64(shim_invalid_argument()) }
    position = target
    return target
  }
}
