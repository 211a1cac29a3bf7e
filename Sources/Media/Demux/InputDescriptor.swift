import CFFmpeg
import Glibc

/// Lets FFmpeg read an open descriptor, and nothing else, through callbacks.
///
/// Positions are kept here and reads name them, so two of these can share a descriptor.
struct InputDescriptor: ~Copyable {
  private struct State {
    let descriptor: CInt
    let size: Int64
    var position: Int64 = 0
  }

  private static let bufferBytes = 1 << 16

  private let state: UnsafeMutablePointer<State>
  let context: UnsafeMutablePointer<AVIOContext>

  /// - Parameter descriptor: of a regular file; stays open and stays the caller's.
  init(_ descriptor: CInt) throws(MediaError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .ffmpeg(call: "fstat", code: shim_io_error()) }
    guard status.st_size > 0 else { throw .notVideo(what: "the file is empty") }
    let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
    state.initialize(to: State(descriptor: descriptor, size: Int64(status.st_size)))
    let buffer = av_malloc(Self.bufferBytes)?.assumingMemoryBound(to: UInt8.self)
    let context = avio_alloc_context(
      buffer, CInt(Self.bufferBytes), 0, state,
      { opaque, bytes, count in InputDescriptor.read(opaque, bytes, count) }, nil,
      { opaque, offset, origin in InputDescriptor.seek(opaque, offset, origin) })
    guard let context else {
      state.deallocate()
      throw .ffmpeg(call: "avio_alloc_context", code: shim_out_of_memory())
    }
    self.state = state
    self.context = context
  }

  var descriptor: CInt { state.pointee.descriptor }

  deinit {
    // FFmpeg may have replaced the buffer by a larger one.
    av_freep(&context.pointee.buffer)
    var owned: UnsafeMutablePointer<AVIOContext>? = context
    avio_context_free(&owned)
    state.deallocate()
  }

  /// The whole file.
  ///
  /// - Throws: `.limit` when it is longer than `atMost` bytes.
  func readAll(atMost limit: Int) throws(MediaError) -> [UInt8] {
    let size = Int(state.pointee.size)
    guard size <= limit else { throw .limit(what: "a picture of \(size) bytes; \(limit) are allowed") }
    var bytes = [UInt8](repeating: 0, count: size)
    let got = avio_read(context, &bytes, CInt(size))
    guard got == CInt(size) else { throw .ffmpeg(call: "reading the file", code: shim_io_error()) }
    return bytes
  }

  private static func read(_ opaque: UnsafeMutableRawPointer?, _ bytes: UnsafeMutablePointer<UInt8>?, _ count: CInt)
    -> CInt
  {
    guard let state = opaque?.assumingMemoryBound(to: State.self) else { return shim_io_error() }
    while true {
      let got = pread(state.pointee.descriptor, bytes, Int(count), off_t(state.pointee.position))
      if got > 0 {
        state.pointee.position += Int64(got)
        return CInt(got)
      }
      if got == 0 { return shim_eof() }
      if errno != EINTR { return shim_io_error() }
    }
  }

  private static func seek(_ opaque: UnsafeMutableRawPointer?, _ offset: Int64, _ origin: CInt) -> Int64 {
    guard let state = opaque?.assumingMemoryBound(to: State.self) else { return Int64(shim_io_error()) }
    let target: Int64
    switch origin & ~AVSEEK_FORCE {
    case AVSEEK_SIZE: return state.pointee.size
    case SEEK_SET: target = offset
    case SEEK_CUR: target = state.pointee.position &+ offset
    case SEEK_END: target = state.pointee.size &+ offset
    default: return Int64(shim_invalid_argument())
    }
    guard target >= 0 else { return Int64(shim_invalid_argument()) }
    state.pointee.position = target
    return target
  }
}
