import Imaging

extension CropContract {
  /// What sets crops of another contract apart from those that the model was trained on, in words for a warning;
  /// empty where nothing does.
  ///
  /// A network that is shown other framing or another filter gives scores that its calibration does not fit.
  public func differences(from used: CropContract) -> [String] {
    var differences: [String] = []
    func compare(_ what: String, _ own: String, _ other: String) {
      if own != other { differences.append("the model was trained with \(what) \(own), these crops have \(other)") }
    }
    compare("the face detector", detector, used.detector)
    compare("the margin", "\(framing.margin)", "\(used.framing.margin)")
    compare("the offset", "\(framing.offset)", "\(used.framing.offset)")
    compare("the resize filter", filter, used.filter)
    compare("the crop size", "\(size)", "\(used.size)")
    return differences
  }
}
