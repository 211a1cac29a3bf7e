import CFFmpeg

/// Owns a filter that gives packets of MPEG-4 one picture each.
///
/// Encoders such as XviD and DivX put a B-frame into the packet of the frame that it is predicted from, because AVI has
/// no presentation times, and a picture that is not coded into the packet behind it.
final class PacketFilter {
  private let context: UnsafeMutablePointer<AVBSFContext>

  /// - Parameter stream: the filter's changes of its header go into it.
  /// - Returns: nil when its packets are as they should be.
  init?(unpacking stream: UnsafeMutablePointer<AVStream>) throws(MediaError) {
    let parameters: UnsafeMutablePointer<AVCodecParameters> = stream.pointee.codecpar
    guard parameters.pointee.codec_id == AV_CODEC_ID_MPEG4, let filter = av_bsf_get_by_name("mpeg4_unpack_bframes")
    else {
      return nil
    }
    var made: UnsafeMutablePointer<AVBSFContext>?
    var code = av_bsf_alloc(filter, &made)
    guard code >= 0, let made else { throw .ffmpeg(call: "av_bsf_alloc", code: code) }
    context = made
    code = avcodec_parameters_copy(made.pointee.par_in, parameters)
    made.pointee.time_base_in = stream.pointee.time_base
    if code >= 0 { code = av_bsf_init(made) }
    if code >= 0 { code = avcodec_parameters_copy(parameters, made.pointee.par_out) }
    guard code >= 0 else {
      throw .failure(of: "preparing the stream", code: code) {
        .damaged(what: "the header of the video stream (\($0))")
      }
    }
  }

  deinit {
    var owned: UnsafeMutablePointer<AVBSFContext>? = context
    av_bsf_free(&owned)
  }

  /// - Returns: whether `packet` holds what the filter made of it; otherwise it is gone.
  func apply(to packet: borrowing Packet) -> Bool {
    // An empty packet would be taken for the end.
    guard packet.raw.pointee.size > 0 else { return true }
    guard av_bsf_send_packet(context, packet.raw) >= 0 else { return false }
    return av_bsf_receive_packet(context, packet.raw) >= 0
  }
}
