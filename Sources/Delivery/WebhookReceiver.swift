internal import CCurl
import Digests
import FoundationEssentials
import Glibc
import Synchronization

/// A receiver of POST requests over HTTP; certificates are always verified, redirects and proxies never followed.
public final class WebhookReceiver: Sendable {
  private let url: String
  private let signature: WebhookSignature?
  private let timeoutSeconds: Double
  /// The connection of the last delivery, for reuse; a delivery takes exclusive ownership of it.
  private let idle = Mutex<Transfer?>(nil)

  /// - Parameters:
  ///   - signature: nil sends messages unsigned.
  ///   - timeoutSeconds: time limit of one attempt, including the response.
  public init(url: String, signature: WebhookSignature?, timeoutSeconds: Double) {
    self.url = url
    self.signature = signature
    self.timeoutSeconds = timeoutSeconds
  }

  /// Posts one message and waits for the response.
  ///
  /// - Parameter key: the message's key, the same for every attempt; sent as `webhook-id` and as `Idempotency-Key`.
  public func deliver(_ body: [UInt8], contentType: String, key: String) -> DeliveryOutcome {
    guard let transfer = idle.withLock({ $0.take() }) ?? Transfer() else {
      return .unfinished(why: "libcurl cannot be started", afterSeconds: nil)
    }
    let timestamp = Int64(Date().timeIntervalSince1970)
    var headers = [
      "content-type: \(contentType)", "user-agent: assay", "idempotency-key: \(key)", "webhook-id: \(key)",
      "webhook-timestamp: \(timestamp)",
      // Disables "100 Continue": the body follows immediately.
      "expect:",
    ]
    if let signature {
      headers.append("webhook-signature: \(signature.header(id: key, timestamp: timestamp, body: body))")
    }
    let outcome = Self.outcome(transfer.post(body, to: url, headers: headers, timeoutSeconds: timeoutSeconds))
    idle.withLock { $0 = transfer }
    return outcome
  }

  private static func outcome(_ answer: Transfer.Answer) -> DeliveryOutcome {
    guard case .response(let status, let body, let retryAfter) = answer else {
      if case .absent(let why) = answer { return .absent(why: why) }
      guard case .failure(let why) = answer else { return .unfinished(why: "no answer", afterSeconds: nil) }
      return .unfinished(why: why, afterSeconds: nil)
    }
    let said = String(decoding: body.prefix(200), as: UTF8.self)
    let why = "HTTP \(status)" + (said.isEmpty ? "" : ": \(said)")
    switch status {
    case 200..<300: return .accepted
    // Too early, too many requests, or 409 while the receiver still processes an earlier attempt with the same key.
    case 408, 409, 425, 429, 500...: return .unfinished(why: why, afterSeconds: retryAfter)
    case 300..<400:
      return .refused(why: "\(why) (redirects are not followed: name the address that it leads to)")
    default: return .refused(why: why)
    }
  }
}

/// A libcurl handle with its connections; used by one thread at a time.
private final class Transfer: @unchecked Sendable {
  enum Answer {
    case response(status: Int, body: [UInt8], retryAfterSeconds: Double?)
    case failure(why: String)
    /// The name is unknown or nobody listens.
    case absent(why: String)
  }

  /// Maximum length of a response that an error message may quote.
  private static let mostAnswerBytes = 64 << 10
  /// Once per process, before any other call.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  private let handle: UnsafeMutableRawPointer
  private var answer: [UInt8] = []

  init?() {
    guard Self.isReady, let made = curl_easy_init() else { return nil }
    handle = made
  }

  deinit { curl_easy_cleanup(handle) }

  func post(_ body: [UInt8], to url: String, headers: [String], timeoutSeconds: Double) -> Answer {
    let curl = handle
    // Resets options only: connections are kept.
    curl_easy_reset(curl)
    answer = []
    var list: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(list) }
    for header in headers { list = curl_slist_append(list, header) }
    var problem = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
    let code = problem.withUnsafeMutableBufferPointer { problem in
      body.withUnsafeBytes { body in
        shim_curl_set_text(curl, CURLOPT_URL, url)
        shim_curl_set_text(curl, CURLOPT_PROTOCOLS_STR, "http,https")
        shim_curl_set_text(curl, CURLOPT_PROXY, "")
        shim_curl_set_number(curl, CURLOPT_FOLLOWLOCATION, 0)
        shim_curl_set_number(curl, CURLOPT_NOSIGNAL, 1)
        shim_curl_set_number(curl, CURLOPT_TIMEOUT_MS, Int(timeoutSeconds * 1000))
        shim_curl_set_number(curl, CURLOPT_CONNECTTIMEOUT_MS, Int(min(timeoutSeconds, 10) * 1000))
        shim_curl_set_pointer(curl, CURLOPT_ERRORBUFFER, problem.baseAddress)
        shim_curl_set_pointer(curl, CURLOPT_HTTPHEADER, list)
        shim_curl_set_number(curl, CURLOPT_POST, 1)
        shim_curl_set_number(curl, CURLOPT_POSTFIELDSIZE, body.count)
        shim_curl_set_pointer(curl, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: body.baseAddress))
        shim_curl_set_writer(
          curl,
          { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().take(
              UnsafeRawBufferPointer(start: bytes, count: size * count))
            return size * count
          }, Unmanaged.passUnretained(self).toOpaque())
        return curl_easy_perform(curl)
      }
    }
    guard code == CURLE_OK else {
      let detail = String(decoding: problem.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let why = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
      return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST
        ? .absent(why: why) : .failure(why: why)
    }
    let wait = shim_curl_retry_after(curl)
    return .response(
      status: shim_curl_status(curl), body: answer, retryAfterSeconds: wait > 0 ? Double(wait) : nil)
  }

  /// Keeps the beginning of a response; reads and discards the rest.
  private func take(_ bytes: UnsafeRawBufferPointer) {
    answer += bytes.prefix(max(0, Self.mostAnswerBytes - answer.count))
  }
}

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
