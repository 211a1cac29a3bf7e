import Files
import FoundationEssentials

/// JSON of manifests: sorted keys, no whitespace, one row per line.
public enum ManifestJSON {
  /// One row of `manifest.jsonl`, with its line feed.
  public static func line(_ record: VideoRecord) throws(VerdictsError) -> [UInt8] {
    try encode(record, path: record.source.path.text) + [newline]
  }

  /// The text before and after the rows of `manifest.json`.
  static func opening(_ header: RunHeader) throws(VerdictsError) -> [UInt8] {
    let run = try encode(header, path: "the run header")
    return Array("{\"schemaVersion\":\(VideoRecord.schemaVersion),\n\"run\":".utf8) + run
      + Array(",\n\"videos\":[".utf8)
  }

  /// The text after the rows, with the rows of canaries, if any.
  static func closing(_ canaries: [CanaryRecord]) throws(VerdictsError) -> [UInt8] {
    guard !canaries.isEmpty else { return Array("\n]}\n".utf8) }
    var bytes = Array("\n],\n\"canaries\":[".utf8)
    for (index, canary) in canaries.enumerated() {
      bytes += Array((index == 0 ? "\n" : ",\n").utf8)
      bytes += try encode(canary, path: canary.video.source.path.text)
    }
    return bytes + Array("\n]}\n".utf8)
  }

  /// - Parameter file: origin of the line, for the error.
  public static func record(line: [UInt8], file: String) throws(VerdictsError) -> VideoRecord {
    do {
      return try JSONDecoder().decode(VideoRecord.self, from: Data(line))
    } catch {
      throw .decoding(path: file, reason: explanation(of: error))
    }
  }

  private static let newline = UInt8(ascii: "\n")

  private static func encode(_ value: some Encodable, path: String) throws(VerdictsError) -> [UInt8] {
    do {
      return try JSONEncoder.sorted.bytes(value)
    } catch {
      throw .encoding(path: path, reason: explanation(of: error))
    }
  }
}
