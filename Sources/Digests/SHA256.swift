internal import COpenSSL

/// Incremental SHA-256 (FIPS 180-4), by OpenSSL's libcrypto.
public struct SHA256: ~Copyable {
  public static let byteCount = 32

  private let context: OpaquePointer

  public init() {
    guard let made = EVP_MD_CTX_new(), EVP_DigestInit_ex(made, EVP_sha256(), nil) == 1 else {
      fatalError("libcrypto offers no SHA-256")
    }
    context = made
  }

  deinit { EVP_MD_CTX_free(context) }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    let code = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    precondition(code == 1, "libcrypto refused \(bytes.count) bytes")
  }

  /// The 32 bytes of the digest; resets the state for a new digest.
  public mutating func finish() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
      let code = EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
      let isFresh = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
      precondition(code == 1 && isFresh, "libcrypto gave no digest")
      count = Self.byteCount
    }
  }

  /// The digest of all bytes.
  public static func digest(of bytes: some Sequence<UInt8>) -> [UInt8] {
    var hash = SHA256()
    Array(bytes).withUnsafeBytes { hash.update($0) }
    return hash.finish()
  }

  /// The digest of all bytes, in lower-case hexadecimal.
  public static func hexadecimal(of bytes: some Sequence<UInt8>) -> String { digest(of: bytes).hexadecimal }
}

/// HMAC-SHA256 (RFC 2104).
public enum HMACSHA256 {
  /// The 32 bytes of the authentication code.
  public static func code(for bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { buffer, count in
      let code = HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, buffer.baseAddress, nil)
      precondition(code != nil, "libcrypto gave no HMAC")
      count = SHA256.byteCount
    }
  }
}

extension [UInt8] {
  /// Two lower-case digits per byte.
  public var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
