import CFFmpeg

extension VideoInfo {
  /// What the container says, and what was counted.
  ///
  /// - Parameter maxSeconds: a longer duration is no declaration that anybody could believe.
  init(_ demuxer: borrowing Demuxer, startPTS: Int64, frameCount: Int, maxSeconds: Double) {
    let declared = demuxer.declaredStreamSeconds ?? demuxer.declaredContainerSeconds
    let stream = demuxer.stream.pointee
    let parameters = stream.codecpar.pointee
    let orientation = Orientation(demuxer.stream)
    let display = orientation.displaySize(codedWidth: Int(parameters.width), codedHeight: Int(parameters.height))
    self.init(
      container: demuxer.formatName, codec: String(cString: avcodec_get_name(parameters.codec_id)),
      codedWidth: Int(parameters.width), codedHeight: Int(parameters.height), displayWidth: display.width,
      displayHeight: display.height, rotation: orientation.rotation, timeBaseNumerator: Int(stream.time_base.num),
      timeBaseDenominator: Int(stream.time_base.den), startPTS: startPTS,
      durationSeconds: declared.flatMap { $0 <= maxSeconds ? $0 : nil },
      frameRate: demuxer.framesPerSecond, frameCount: frameCount)
  }
}
