/// How the sampling of one video went.
public struct SampleReport: Sendable, Hashable, Codable {
  /// Errors that are kept in words.
  private static let mostErrors = 3

  public internal(set) var asked: Int
  /// Frames that were delivered.
  public internal(set) var decoded = 0
  /// Packets that went to the decoder; with frames left out inside of it, decoding cost less than as many frames.
  public internal(set) var packets = 0
  /// Errors that the decoder reported, and the first few in words.
  public internal(set) var decodeErrors = 0
  public internal(set) var firstErrors: [String] = []
  /// Duration by the container's word, and by its packets.
  public internal(set) var declaredSeconds: Double?
  public internal(set) var reachedSeconds: Double
  /// Whether the data ends before the declared duration, or in the middle of a packet.
  public internal(set) var truncated: Bool
  /// Seconds that the container declares although none of its streams does or lasts as long.
  public internal(set) var overstatedSeconds: Double?

  mutating func note(_ error: String) {
    decodeErrors += 1
    if firstErrors.count < Self.mostErrors { firstErrors.append(error) }
  }
}
