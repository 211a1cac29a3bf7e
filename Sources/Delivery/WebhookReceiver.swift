internal import AsyncHTTPClient
import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1

/// A receiver that takes POSTs over HTTP; certificates are always verified, redirects never followed.
public final class WebhookReceiver: Sendable {
  /// Of an answer, as much as an error message quotes.
  private static let mostAnswerBytes = 64 << 10

  private let url: String
  private let signature: WebhookSignature?
  private let timeoutSeconds: Double
  private let client: HTTPClient

  /// - Parameters:
  ///   - signature: nil sends messages unsigned.
  ///   - timeoutSeconds: for one attempt, the answer included.
  public init(url: String, signature: WebhookSignature?, timeoutSeconds: Double) {
    self.url = url
    self.signature = signature
    self.timeoutSeconds = timeoutSeconds
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.timeout.connect = .milliseconds(Int64(min(timeoutSeconds, 10) * 1000))
    // How often to try is the caller's to say.
    configuration.connectionPool.retryConnectionEstablishment = false
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  deinit {
    // Connections that fail to close are the system's to clean up.
    try? client.syncShutdown()
  }

  /// Posts one message and waits for the answer.
  ///
  /// - Parameter key: of the message, the same for every attempt; sent as `webhook-id` and as `Idempotency-Key`.
  public func deliver(_ body: [UInt8], contentType: String, key: String) -> DeliveryOutcome {
    do {
      let timestamp = Int64(Date().timeIntervalSince1970)
      var headers: HTTPHeaders = [
        "content-type": contentType, "user-agent": "assay", "idempotency-key": key, "webhook-id": key,
        "webhook-timestamp": "\(timestamp)",
      ]
      if let signature {
        headers.add(name: "webhook-signature", value: signature.header(id: key, timestamp: timestamp, body: body))
      }
      let request = try HTTPClient.Request(url: url, method: .POST, headers: headers, body: .bytes(body))
      let response = try client.execute(
        request: request, delegate: ResponseAccumulator(request: request, maxBodySize: Self.mostAnswerBytes),
        deadline: .now() + .milliseconds(Int64(timeoutSeconds * 1000))
      ).wait()
      return Self.outcome(response)
    } catch {
      return .unfinished(why: "\(error)", afterSeconds: nil)
    }
  }

  private static func outcome(_ response: HTTPClient.Response) -> DeliveryOutcome {
    let said = response.body.map { String(decoding: $0.readableBytesView.prefix(200), as: UTF8.self) } ?? ""
    let why = "HTTP \(response.status.code)" + (said.isEmpty ? "" : ": \(said)")
    switch response.status.code {
    case 200..<300: return .accepted
    // Too early or too often, and 409 of one that is still busy with an earlier attempt of the same key.
    case 408, 409, 425, 429, 500...:
      let asked = response.headers.first(name: "retry-after").flatMap(Double.init)
      return .unfinished(why: why, afterSeconds: asked.flatMap { $0 >= 0 ? $0 : nil })
    case 300..<400:
      return .refused(why: "\(why) (redirects are not followed: name the address that it leads to)")
    default: return .refused(why: why)
    }
  }
}
