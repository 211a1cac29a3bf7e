import Files
import FoundationEssentials

/// JSON as manifests have it: keys sorted, no blanks, one row a line.
public enum ManifestJSON {
  /// One row of `manifest.jsonl`, with its line feed.
  public static func line(_ record: VideoRecord) throws(VerdictsError) -> [UInt8] {
    try encode(record, path: record.source.path.text) + [newline]
  }

  /// What stands before the rows in `manifest.json`, and after them.
  static func opening(_ header: RunHeader) throws(VerdictsError) -> [UInt8] {
    let run = try encode(header, path: "the run header")
    return Array("{\"schemaVersion\":\(VideoRecord.schemaVersion),\n\"run\":".utf8) + run
      + Array(",\n\"videos\":[".utf8)
  }

  /// What stands behind the rows: those of the canaries, where there are any.
  static func closing(_ canaries: [CanaryRecord]) throws(VerdictsError) -> [UInt8] {
    guard !canaries.isEmpty else { return Array("\n]}\n".utf8) }
    var bytes = Array("\n],\n\"canaries\":[".utf8)
    for (index, canary) in canaries.enumerated() {
      bytes += Array((index == 0 ? "\n" : ",\n").utf8)
      bytes += try encode(canary, path: canary.video.source.path.text)
    }
    return bytes + Array("\n]}\n".utf8)
  }

  /// - Parameter file: where the line is from, for the error.
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
