/// Reads labelled data in any known layout.
public enum LabelledData {
  /// Reads one or more places together: a source that several of them show gets one group.
  ///
  /// - Parameter paths: DFDC folders, FaceForensics++ trees and crops, Celeb-DF trees, `real`/`fake` folders, CSV files.
  public static func read(
    _ paths: [String], blocks: FaceForensicsBlocks = FaceForensicsBlocks()
  ) throws(DatasetsError) -> Reading {
    var reading = Reading()
    var hasBlocks = false
    for path in paths {
      let layout = try Layout(path)
      hasBlocks = hasBlocks || layout == .faceForensicsCrops
      reading.append(try layout.read(path, blocks: blocks))
    }
    if hasBlocks { reading.items = blocks.regrouped(reading.items) }
    return reading
  }

  /// How a place on disk holds its labels.
  enum Layout {
    case dfdc
    case faceForensicsTree
    case faceForensicsCrops
    case celebDF
    case labelledFolders
    case table

    init(_ path: String) throws(DatasetsError) {
      guard !path.lowercased().hasSuffix(".csv") else {
        self = .table
        return
      }
      let folder = try Folder(path)
      if folder.has(DFDCFolder.metadataName) {
        self = .dfdc
      } else if (FaceForensicsTree.originals + FaceForensicsTree.manipulations).contains(where: folder.has) {
        self = .faceForensicsTree
      } else if [CelebDFTree.celebrities, CelebDFTree.syntheses].contains(where: folder.has) {
        self = .celebDF
      } else if FaceForensicsCrops.parts.contains(where: { folder.has("\($0.folder)/\(FaceForensicsOrder.originals)") })
      {
        self = .faceForensicsCrops
      } else if Label.allCases.contains(where: { folder.has("\($0)") }) {
        self = .labelledFolders
      } else {
        throw .unknownLayout(path: path)
      }
    }

    func read(_ path: String, blocks: FaceForensicsBlocks) throws(DatasetsError) -> Reading {
      switch self {
      case .dfdc: try DFDCFolder.read(path)
      case .faceForensicsTree: try FaceForensicsTree.read(path)
      case .faceForensicsCrops: try FaceForensicsCrops.read(path, blocks: blocks)
      case .celebDF: try CelebDFTree.read(path)
      case .labelledFolders: try LabelledFolders.read(path)
      case .table: try ItemTable.read(path)
      }
    }
  }
}
