import Delivery
import Testing

@Suite("Signatures of webhooks")
struct WebhookSignatureTests {
  /// Made with the package `standardwebhooks` 1.0 of PyPI:
  /// `Webhook("whsec_…").sign(id, datetime.fromtimestamp(1614265330, timezone.utc), body)`.
  @Test("agree with the reference library")
  func reference() {
    let encoded = WebhookSignature(secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    #expect(
      encoded?.header(
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8))
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    let plain = WebhookSignature(secret: " a plain secret of words\r\n")
    #expect(
      plain?.header(id: "m_1", timestamp: 1_614_265_330, body: Array("id,path\r\n".utf8))
        == "v1,3WIjOhpnXURBzqJcVsMn1uEcyU/KVUa+HJZKmd9od2I=")
  }

  @Test("secrets that are too short or no base64 are refused", arguments: ["", "short", "whsec_AAAA", "whsec_!!!!"])
  func weak(secret: String) {
    #expect(WebhookSignature(secret: secret) == nil)
  }
}
