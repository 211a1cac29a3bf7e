import CFFmpeg

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
