import Files
import Foundation

/// The content of `crops.json`.
public struct CropSetHeader: Sendable, Hashable, Codable {
  public var version: Int
  /// Width and height of each crop.
  public var size: Int
  public var contract: CropContract

  /// - Precondition: `size` is in `allowedSizes`.
  public init(size: Int, contract: CropContract) {
    precondition(Self.allowedSizes.contains(size), "crops of \(size)×\(size) cannot be stored")
    version = Self.currentVersion
    self.size = size
    self.contract = contract
  }

  public static let currentVersion = 1
  public static let allowedSizes = 8...2048

  /// Bytes per crop, `R G B` interleaved.
  public var cropBytes: Int { size * size * 3 }

  static func read(from files: CropSetFiles) throws(DatasetsError) -> CropSetHeader {
    let header: CropSetHeader
    do {
      header = try JSONDecoder().decode(
        CropSetHeader.self, from: Data(contentsOf: URL(fileURLWithPath: files.header)))
    } catch let error as DecodingError {
      throw .format(
        path: files.header, line: nil, problem: "is not the header of a crop set: \(explanation(of: error))")
    } catch {
      throw .file(path: files.header, problem: "cannot be read: \(explanation(of: error))")
    }
    guard header.version == currentVersion else {
      throw .format(
        path: files.header, line: nil,
        problem: "has version \(header.version), this program reads \(currentVersion); extract the crops anew")
    }
    guard allowedSizes.contains(header.size) else {
      throw .format(path: files.header, line: nil, problem: "says that crops have \(header.size) columns")
    }
    return header
  }

  func write(to files: CropSetFiles) throws(DatasetsError) {
    do {
      try AtomicFile.write(JSONEncoder.readable.encode(self), to: files.header)
    } catch {
      throw .unwritable(path: files.header, error)
    }
  }
}

/// The files of a crop set.
struct CropSetFiles {
  let folder: String

  var header: String { folder + "/" + CropSet.headerName }
  /// One `CropRecord` per line.
  var index: String { folder + "/index.jsonl" }
  /// One `CropSource` per line.
  var sources: String { folder + "/sources.jsonl" }
  /// The crops' bytes, concatenated.
  var pixels: String { folder + "/pixels.rgb" }
}
