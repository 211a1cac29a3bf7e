/// The software and settings behind a verdict; the same for every row of a run.
public struct ScanContext: Sendable, Hashable, Codable {
  public let model: ModelRecord
  public let thresholds: Thresholds
  /// Name and version of the face detector.
  public let detector: String
  public let decoder: DecoderRecord
  public let settings: SettingsRecord

  public init(
    model: ModelRecord, thresholds: Thresholds, detector: String, decoder: DecoderRecord, settings: SettingsRecord
  ) {
    self.model = model
    self.thresholds = thresholds
    self.detector = detector
    self.decoder = decoder
    self.settings = settings
  }
}

/// The classifier.
public struct ModelRecord: Sendable, Hashable, Codable {
  public let name: String
  /// SHA-256 of the model file, lower-case hexadecimal.
  public let sha256: String

  public init(name: String, sha256: String) {
    self.name = name
    self.sha256 = sha256
  }
}

/// The decoder, with the versions of its libraries by name.
public struct DecoderRecord: Sendable, Hashable, Codable {
  public let name: String
  public let versions: [String: String]

  public init(name: String, versions: [String: String]) {
    self.name = name
    self.versions = versions
  }
}

/// The settings that can affect a verdict (unlike, say, the number of workers).
public struct SettingsRecord: Sendable, Hashable, Codable {
  public let values: [String: String]
  /// SHA-256 of `canonicalBytes(of: values)`, lower-case hexadecimal; computed by the caller, as this target has no
  /// cryptography.
  public let hash: String

  public init(values: [String: String], hash: String) {
    self.values = values
    self.hash = hash
  }

  /// The same bytes for equal settings: `name` NUL `value` NUL for each, sorted by name.
  public static func canonicalBytes(of values: [String: String]) -> [UInt8] {
    values.map { (name: Array($0.key.utf8), value: Array($0.value.utf8)) }
      .sorted { $0.name.lexicographicallyPrecedes($1.name) }
      .flatMap { $0.name + [0] + $0.value + [0] }
  }
}
