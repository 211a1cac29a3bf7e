import Decoder
import Digests
import Files
import Foundation
import Runs
import Verdicts

/// The videos that a cluster scans, assigned to shards; immutable once written.
///
/// A text file: a header, then one video per line, as JSON. The header's id is the hash of the lines. It ties parts to
/// their plan and reveals an edited plan.
struct ShardPlan: Sendable {
  struct Header: Codable, Sendable, Hashable {
    /// Format version; 1.
    var assayPlan: Int
    /// SHA-256 of all lines after this one, lower-case hexadecimal.
    var id: String
    var shards: Int
    var videos: Int
    var followSymlinks: Bool
    /// Files of the inputs that have no row; nil in plans of earlier versions.
    var leftOut: LeftOutCounts?
  }

  /// A video that was found.
  struct Video: Sendable {
    var path: VideoPath
    /// The input folder that it was found in.
    var root: VideoPath?
    var bytes: Int64
  }

  struct Entry: Codable, Sendable, Hashable {
    var path: VideoPath
    /// The input folder that it was found in; nil in plans of earlier versions.
    var root: VideoPath?
    var shard: Int

    init(path: VideoPath, root: VideoPath?, shard: Int) {
      self.path = path
      self.root = root
      self.shard = shard
    }

    private enum CodingKeys: String, CodingKey { case shard, rootLength }

    init(from decoder: any Decoder) throws {
      path = try VideoPath(from: decoder)
      let container = try decoder.container(keyedBy: CodingKeys.self)
      shard = try container.decode(Int.self, forKey: .shard)
      root = try container.decodeIfPresent(Int.self, forKey: .rootLength).map { [path] length in
        VideoPath(Array(path.bytes.prefix(length)))
      }
    }

    func encode(to encoder: any Encoder) throws {
      try path.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(shard, forKey: .shard)
      // The root is the beginning of the path.
      try container.encodeIfPresent(root?.bytes.count, forKey: .rootLength)
    }
  }

  let header: Header
  /// Sorted by path.
  let entries: [Entry]

  /// Balances the shards by bytes: assigns videos by decreasing size in alternating direction.
  init(videos: [Video], shards: Int, followSymlinks: Bool, leftOut: LeftOutCounts = LeftOutCounts()) throws {
    let bySize = videos.sorted { ($1.bytes, $0.path) < ($0.bytes, $1.path) }
    entries = bySize.enumerated().map { index, video in
      let (round, place) = index.quotientAndRemainder(dividingBy: shards)
      return Entry(path: video.path, root: video.root, shard: round.isMultiple(of: 2) ? place : shards - 1 - place)
    }.sorted { $0.path < $1.path }
    header = Header(
      assayPlan: 1, id: SHA256.hexadecimal(of: try Self.lines(entries)), shards: shards, videos: videos.count,
      followSymlinks: followSymlinks, leftOut: leftOut)
  }

  /// - Throws: `WorkflowError.input` when the file is not a plan or was changed.
  init(path: String) throws(WorkflowError) {
    do {
      let bytes = try Data(contentsOf: URL(filePath: path))
      guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { throw WorkflowError.settings("it has no lines") }
      header = try JSONDecoder().decode(Header.self, from: bytes[..<end])
      let rest = bytes[(end + 1)...]
      guard header.assayPlan == 1 else {
        throw WorkflowError.settings("format \(header.assayPlan) is not known to this version")
      }
      guard SHA256.hexadecimal(of: rest) == header.id else {
        throw WorkflowError.settings("it was modified: make a new one with 'assay plan'")
      }
      entries = try rest.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Entry.self, from: $0) }
    } catch let error as WorkflowError {
      throw .input(path: path, why: "\(error)")
    } catch let error as DecodingError {
      throw .input(path: path, why: "not a plan written by 'assay plan' (\(explanation(of: error)))")
    } catch {
      throw .input(path: path, why: explanation(of: error))
    }
  }

  /// The videos of one shard, sorted by path.
  func videos(of shard: Int) -> [Entry] { entries.filter { $0.shard == shard } }

  /// Writes the file.
  ///
  /// - Throws: `WorkflowError.output` when the file exists, because tasks may be reading it.
  func write(to path: String) throws {
    guard !FileManager.default.fileExists(atPath: path) else {
      throw WorkflowError.output(path: path, why: "a plan is immutable: choose another name for the new one")
    }
    var file = try AtomicFile(replacing: path)
    try file.write(try JSONEncoder.line(header))
    try file.write(try Self.lines(entries))
    try file.publish()
  }

  private static func lines(_ entries: [Entry]) throws -> [UInt8] { try entries.flatMap { try JSONEncoder.line($0) } }
}
