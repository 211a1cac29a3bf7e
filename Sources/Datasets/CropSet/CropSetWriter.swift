import Files
import Foundation
import Glibc
import Imaging

/// Writes a crop set source by source, and resumes where an earlier run stopped.
///
/// A source is complete once its line in `sources.jsonl` is written, after its pixels and index lines. Opening the set
/// again removes data of an interrupted run after the last such line. Used by one thread at a time.
public struct CropSetWriter: ~Copyable {
  public let header: CropSetHeader
  /// Number of stored crops.
  public private(set) var count: Int
  private var completed: Set<String>
  private let pixels: ResumedFile
  private let index: ResumedFile
  private let sources: ResumedFile
  private let folder: String

  /// Opens a crop set, or creates one with its folder.
  ///
  /// - Throws: `DatasetsError.otherCropSet` when the folder holds crops with another size or other face-crop settings.
  public init(folder: String, header: CropSetHeader) throws(DatasetsError) {
    let files = CropSetFiles(folder: folder)
    do {
      try OutputFolder.create(folder)
    } catch {
      throw .file(path: folder, problem: "cannot be made: \(error.reason)")
    }
    if FileManager.default.fileExists(atPath: files.header) {
      let found = try CropSetHeader.read(from: files)
      guard found == header else {
        throw .otherCropSet(path: folder, problem: "holds crops of \(found.summary), not of \(header.summary)")
      }
    } else {
      try header.write(to: files)
    }
    let whole = try WholePart(files: files, cropBytes: header.cropBytes)
    let pixels = try Self.open(files.pixels, keeping: whole.crops * header.cropBytes)
    let index = try Self.open(files.index, keeping: whole.indexBytes)
    let sources = try Self.open(files.sources, keeping: whole.sourceBytes)
    self.pixels = pixels
    self.index = index
    self.sources = sources
    count = whole.crops
    completed = whole.paths
    self.header = header
    self.folder = folder
  }

  private static func open(_ path: String, keeping length: Int) throws(DatasetsError) -> ResumedFile {
    do { return try ResumedFile(path, keeping: length) } catch { throw .unwritable(path: path, error) }
  }

  /// Whether a source has been processed, in this run or an earlier one.
  public func isComplete(_ path: String) -> Bool { completed.contains(path) }

  /// Stores all crops of one source.
  ///
  /// - Parameter problem: reason if there are no crops.
  /// - Precondition: the source is not complete, and its crops have the set's size.
  public mutating func append(
    _ crops: [NewCrop], of item: LabelledItem, problem: String? = nil
  ) throws(DatasetsError) {
    precondition(!isComplete(item.path), "\(item.path) is stored already")
    var records: [CropRecord] = []
    for crop in crops {
      precondition(
        crop.pixels.width == header.size && crop.pixels.height == header.size,
        "a crop of \(crop.pixels.width)×\(crop.pixels.height) does not fit into a set of \(header.size)")
      records.append(
        CropRecord(
          index: count + records.count, item: item, track: crop.track, seconds: crop.seconds, box: crop.box,
          hash: ContentHash.text(of: crop.pixels.pixels)))
    }
    let source = CropSource(path: item.path, crops: crops.count, problem: problem)
    let lines: (index: [UInt8], source: [UInt8])
    do {
      lines = (try LineFile.encoded(records), try LineFile.encoded([source]))
    } catch {
      throw .file(path: folder, problem: "\(item.path) cannot be written as JSON: \(explanation(of: error))")
    }
    do {
      for crop in crops { try pixels.append(crop.pixels.pixels) }
      try index.append(lines.index)
      try sources.append(lines.source)
    } catch {
      throw .unwritable(path: error.path, error)
    }
    count += crops.count
    completed.insert(item.path)
  }

  /// Waits until all data is on disk.
  public func synchronise() throws(DatasetsError) {
    do {
      try pixels.synchronize()
      try index.synchronize()
      try sources.synchronize()
    } catch {
      throw .unwritable(path: error.path, error)
    }
  }
}

/// The part of a crop set on disk that belongs to complete sources.
private struct WholePart {
  var crops = 0
  var indexBytes = 0
  var sourceBytes = 0
  var paths: Set<String> = []

  init(files: CropSetFiles, cropBytes: Int) throws(DatasetsError) {
    var status = stat()
    let pixelBytes = stat(files.pixels, &status) == 0 ? Int(status.st_size) : 0
    let records = try LineFile.read(CropRecord.self, path: files.index)
    let available = min(records.count, pixelBytes / cropBytes)
    for source in try LineFile.read(CropSource.self, path: files.sources) {
      guard source.value.crops >= 0, source.value.crops <= available - crops else { break }
      crops += source.value.crops
      sourceBytes = source.end
      paths.insert(source.value.path)
    }
    if crops > 0 { indexBytes = records[crops - 1].end }
  }
}

extension CropSetHeader {
  fileprivate var summary: String {
    "\(size)×\(size), detector \(crops.detector), margin \(crops.framing.margin), offset \(crops.framing.offset), "
      + "filter \(crops.filter)"
  }
}
