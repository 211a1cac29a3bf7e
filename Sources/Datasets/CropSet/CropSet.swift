import Foundation
import Glibc
public import Imaging

/// Face crops on disk, read on demand: opening a set reads only its index.
///
/// Thread-safe for concurrent reads.
public struct CropSet: Sendable {
  /// The file that identifies a folder as a crop set.
  public static let headerName = "crops.json"

  public let folder: String
  /// Header of the crops on disk.
  let storedHeader: CropSetHeader
  /// The network's view of the crops; nil for crops as stored.
  public internal(set) var view: CropView?
  public let records: [CropRecord]
  public let sources: [CropSource]
  private let pixels: MappedFile

  /// Opens a complete or partial set; of a partial one, only the complete sources.
  ///
  /// - Throws: `DatasetsError.format` when its files are inconsistent.
  public init(folder: String) throws(DatasetsError) {
    self.folder = folder
    let files = CropSetFiles(folder: folder)
    guard FileManager.default.fileExists(atPath: folder + "/" + Self.headerName) else {
      throw .format(path: folder, line: nil, problem: "is not a crop set: make one with assay crops DATA -o FOLDER")
    }
    storedHeader = try CropSetHeader.read(from: files)
    sources = try LineFile.read(CropSource.self, path: files.sources).map(\.value)
    guard sources.allSatisfy({ $0.crops >= 0 }) else {
      throw .format(path: files.sources, line: nil, problem: "has a negative number of crops of a source")
    }
    let count = sources.reduce(0) { $0 &+ $1.crops }
    let lines = try LineFile.read(CropRecord.self, path: files.index, upTo: count)
    records = lines.map(\.value)
    guard records.count == count else {
      throw .format(
        path: files.index, line: nil,
        problem: "has \(records.count) crops instead of \(count); run the extraction again to repair the set")
    }
    for (index, record) in records.enumerated() {
      guard record.index == index, record.box.isFinite, record.seconds.isFinite else {
        throw .format(path: files.index, line: index + 1, problem: "has an invalid index, box or time")
      }
    }
    pixels = try MappedFile(path: files.pixels)
    guard pixels.bytes.count / storedHeader.cropBytes >= count else {
      throw .format(
        path: files.pixels, line: nil,
        problem: "has \(pixels.bytes.count) bytes instead of \(count) crops of \(storedHeader.cropBytes) bytes; "
          + "run the extraction again to repair the set")
    }
  }

  public var count: Int { records.count }

  /// Header of the crops as read through the view.
  public var header: CropSetHeader {
    guard let view else { return storedHeader }
    var crops = storedHeader.crops
    (crops.framing, crops.size) = (view.framing, view.size)
    return CropSetHeader(crops)
  }

  /// One item per crop, for splitting and sampling.
  public var items: [LabelledItem] { records.map(\.item) }

  /// Lends a crop's bytes, `size * size * 3`, row-major from the top, `R G B` interleaved.
  ///
  /// - Precondition: `index` is in `0..<count`.
  public func withPixels<R, E: Error>(at index: Int, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
    guard view != nil else { return try withStoredPixels(at: index, body) }
    let pixels = frame(at: index).pixels
    return try body(pixels.span)
  }

  private func withStoredPixels<R, E: Error>(at index: Int, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
    precondition(records.indices.contains(index), "crop \(index) is not one of \(count)")
    let start = index * storedHeader.cropBytes
    let bytes = UnsafeRawBufferPointer(rebasing: pixels.bytes[start..<(start + storedHeader.cropBytes)])
    defer { withExtendedLifetime(pixels) {} }
    return try body(Span(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self)))
  }

  /// A copy of a crop.
  ///
  /// - Precondition: `index` is in `0..<count`.
  public func frame(at index: Int) -> Frame {
    let stored = storedFrame(at: index)
    return view?.frame(of: stored) ?? stored
  }

  /// A copy of a crop as stored on disk.
  ///
  /// - Precondition: `index` is in `0..<count`.
  public func storedFrame(at index: Int) -> Frame {
    withStoredPixels(at: index) { span in
      span.withUnsafeBufferPointer { Frame(width: storedHeader.size, height: storedHeader.size, pixels: Array($0)) }
    }
  }

  /// Indices of crops whose pixels differ from those written.
  ///
  /// Reads all pixels; opening a set skips this check.
  public func damagedCrops() -> [Int] {
    records.indices.filter { index in
      var hash = ContentHash()
      withStoredPixels(at: index) { $0.withUnsafeBytes { hash.add($0) } }
      return hash.text != records[index].hash
    }
  }

  /// Crops with identical content, by `ContentHash`, each with the first crop that has it.
  public func duplicates() -> [DatasetProblem] {
    var firsts: [String: CropRecord] = [:]
    return records.compactMap { record in
      guard let first = firsts[record.hash] else {
        firsts[record.hash] = record
        return nil
      }
      return DatasetProblem(
        .duplicate, "crop \(record.index)", "of \(record.item.path) equals crop \(first.index) of \(first.item.path)")
    }
  }
}

extension Box {
  fileprivate var isFinite: Bool { x.isFinite && y.isFinite && width.isFinite && height.isFinite }
}

/// A file's bytes in memory, read from disk as they are touched.
///
/// Sendable because nothing ever writes through it.
final class MappedFile: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer

  init(path: String) throws(DatasetsError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .file(path: path, problem: "cannot be opened: \(Self.reason)") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .file(path: path, problem: "cannot be measured: \(Self.reason)")
    }
    guard status.st_size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let count = Int(status.st_size)
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw .file(path: path, problem: "cannot be mapped into memory: \(Self.reason)")
    }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }

  private static var reason: String { String(cString: strerror(errno)) }
}
