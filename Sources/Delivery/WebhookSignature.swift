import Digests
import FoundationEssentials

/// Proves to a receiver who has sent a message, as Standard Webhooks 1.0 says (standardwebhooks.com): HMAC-SHA256 over
/// `id.timestamp.body`. Libraries that check it exist for most languages.
public struct WebhookSignature: Sendable {
  private let key: [UInt8]

  /// - Parameter secret: `whsec_` and the base64 of the key, or any other text, whose bytes then are the key. Blanks
  ///   and line breaks around it are left out.
  /// - Returns: nil for a key of fewer than 16 bytes.
  public init?(secret: String) {
    let trimmed = secret.trimmingCharacters
    let bytes: Data?
    if trimmed.hasPrefix("whsec_") {
      bytes = Data(base64Encoded: String(trimmed.dropFirst("whsec_".count)))
    } else {
      bytes = Data(trimmed.utf8)
    }
    guard let bytes, bytes.count >= 16 else { return nil }
    key = Array(bytes)
  }

  /// - Parameters:
  ///   - id: of the message, the same for every attempt.
  ///   - timestamp: of the attempt, in seconds since 1970 UTC.
  /// - Returns: the value of the header `webhook-signature`.
  public func header(id: String, timestamp: Int64, body: [UInt8]) -> String {
    let code = HMACSHA256.code(for: Array("\(id).\(timestamp).".utf8) + body, key: key)
    return "v1," + Data(code).base64EncodedString()
  }
}

extension String {
  fileprivate var trimmingCharacters: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
