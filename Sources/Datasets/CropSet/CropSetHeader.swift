import Files
import Foundation
public import Imaging

/// The content of `crops.json`.
public struct CropSetHeader: Sendable, Hashable {
  public var version: Int
  /// How the faces of all crops were cropped.
  public var crops: FaceCropSettings

  /// - Precondition: the size is in `FaceCropSettings.allowedSizes`.
  public init(_ crops: FaceCropSettings) {
    precondition(
      FaceCropSettings.allowedSizes.contains(crops.size), "crops of \(crops.size)×\(crops.size) cannot be stored")
    version = Self.currentVersion
    self.crops = crops
  }

  public static let currentVersion = 1

  /// Width and height of each crop.
  public var size: Int { crops.size }

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
        problem: "has version \(header.version), this program reads \(currentVersion); extract the crops again")
    }
    guard FaceCropSettings.allowedSizes.contains(header.size) else {
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

/// The size stands beside the other settings in the file.
extension CropSetHeader: Codable {
  private struct StoredSettings: Codable {
    var detector: String
    var margin: Double
    /// Absent from older sets, which have none.
    var offset: Double?
    var filter: String
  }

  private enum CodingKeys: String, CodingKey {
    case version, size
    case settings = "contract"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let stored = try values.decode(StoredSettings.self, forKey: .settings)
    version = try values.decode(Int.self, forKey: .version)
    crops = FaceCropSettings(
      detector: stored.detector, framing: FaceFraming(margin: stored.margin, offset: stored.offset ?? 0),
      filter: stored.filter, size: try values.decode(Int.self, forKey: .size))
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(version, forKey: .version)
    try values.encode(crops.size, forKey: .size)
    try values.encode(
      StoredSettings(
        detector: crops.detector, margin: crops.framing.margin, offset: crops.framing.offset, filter: crops.filter),
      forKey: .settings)
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
