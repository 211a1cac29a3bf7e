/// Something that a moderator should know although there is a verdict.
public struct WarningRecord: Sendable, Hashable, Codable {
  public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
    /// The decoder reported errors; frames may be damaged.
    case decodeErrors = "decode_errors"
    /// The file ends before its declared duration.
    case truncated
    /// The declared and the real duration differ.
    case duration
    /// Fewer frames could be decoded than were asked for.
    case fewFrames = "few_frames"
    /// Decoded in an approximate mode.
    case approximate
    /// There was no time for more than a quick look.
    case quickLook = "quick_look"
    /// The crops were made differently from those that the model was trained on.
    case cropContract = "crop_contract"
    /// The scores of the faces differ more under small changes than those of unperturbed footage do.
    case perturbedInput = "perturbed_input"
    /// Anything else; the message says what.
    case other
  }

  public let code: Code
  public let message: String
  /// How often it happened, at least 1.
  public let count: Int

  public init(_ code: Code, _ message: String, count: Int = 1) {
    self.code = code
    self.message = message
    self.count = count
  }
}
