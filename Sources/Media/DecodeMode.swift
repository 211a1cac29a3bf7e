/// How frames are decoded.
public enum DecodeMode: String, Sendable, CaseIterable, Codable {
  /// Every sampled frame is bit for bit that of a full decode.
  case exact
  /// The loop filter is skipped: frames differ slightly, more so the farther they are from a key frame.
  case fast
  /// Only key frames are decoded, the nearest to each sample: there may be fewer than asked for.
  case keyframes
}
