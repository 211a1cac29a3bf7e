/// Reads labelled data in any known layout.
public enum LabelledData {
  /// Reads one or more paths together: a source that occurs in several of them gets one group.
  ///
  /// - Parameters:
  ///   - paths: DFDC folders, FaceForensics++ trees and crops, Celeb-DF trees, `real`/`fake` folders, CSVs.
  ///   - isVideo: looks at the content of files in folders whose extension does not tell what they are; without it the
  ///     extension decides.
  public static func read(
    _ paths: [String], blocks: FaceForensicsBlocks = FaceForensicsBlocks(), isVideo: ContentCheck? = nil
  ) throws(DatasetsError) -> Reading {
    var reading = Reading()
    var hasBlocks = false
    for path in paths {
      let layout = try Layout(path)
      hasBlocks = hasBlocks || layout == .faceForensicsCrops
      reading.append(try layout.read(path, blocks: blocks, isVideo: isVideo))
    }
    if hasBlocks { reading.items = blocks.regrouped(reading.items) }
    return reading
  }

  /// Layout of labels on disk.
  enum Layout {
    case dfdc
    case faceForensicsTree
    case faceForensicsCrops
    case celebDF
    case labelledFolders
    case labelledParts
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
      } else if LabelledParts.folders.contains(where: { part in
        Label.allCases.contains { folder.has("\(part.name)/\($0)") }
      }) {
        self = .labelledParts
      } else {
        throw .unknownLayout(path: path)
      }
    }

    func read(
      _ path: String, blocks: FaceForensicsBlocks, isVideo: ContentCheck?
    ) throws(DatasetsError) -> Reading {
      switch self {
      case .dfdc: try DFDCFolder.read(path, isVideo: isVideo)
      case .faceForensicsTree: try FaceForensicsTree.read(path, isVideo: isVideo)
      case .faceForensicsCrops: try FaceForensicsCrops.read(path, blocks: blocks)
      case .celebDF: try CelebDFTree.read(path, isVideo: isVideo)
      case .labelledFolders: try LabelledFolders.read(path, isVideo: isVideo)
      case .labelledParts: try LabelledParts.read(path, isVideo: isVideo)
      case .table: try ItemTable.read(path)
      }
    }
  }
}

/// Reads folders `train/` and `test/`, and `validation/` if there is one, that hold `real/` and `fake/` each.
///
/// Without a folder for validation, training sources are held out for it. Equal names in two parts are no relation.
public enum LabelledParts {
  static let folders: [(name: String, part: Part)] = [
    ("train", .train), ("validation", .validation), ("valid", .validation), ("val", .validation), ("test", .test),
  ]

  public static func read(_ path: String, isVideo: ContentCheck? = nil) throws(DatasetsError) -> Reading {
    let root = try Folder(path)
    let present = folders.filter { root.has($0.name) }
    let hasValidation = present.contains { $0.part == .validation }
    var reading = Reading()
    for (name, part) in present {
      var own = try LabelledFolders.read(root.path(of: name), dataset: root.path.stem, isVideo: isVideo)
      for index in own.items.indices {
        own.items[index].group += " (\(name))"
        if part != .train || hasValidation { own.items[index].fixedPart = part }
        if part == .test { own.items[index].dataset += "-test" }
      }
      reading.append(own)
    }
    return reading
  }
}

/// Reads videos and pictures in the folders `real/` and `fake/`.
///
/// Every file is its own group, but files with the same name without extension in both folders are one source, because
/// tools often keep the name. A subfolder of `fake/` names the method.
public enum LabelledFolders {
  public static func read(
    _ path: String, dataset: String? = nil, isVideo: ContentCheck? = nil
  ) throws(DatasetsError) -> Reading {
    let folder = try Folder(path)
    let dataset = dataset ?? folder.path.stem
    var reading = Reading()
    for label in Label.allCases {
      guard folder.has("\(label)") else { continue }
      reading.append(try read(folder.path(of: "\(label)"), label: label, dataset: dataset, isVideo: isVideo))
    }
    return reading
  }

  /// All media in one folder, with one label.
  public static func read(
    _ path: String, label: Label, dataset: String, isVideo: ContentCheck? = nil
  ) throws(DatasetsError) -> Reading {
    let folder = try Folder(path)
    let items = try folder.media(isVideo: isVideo).map { name, kind in
      let outer = name.contains("/") ? name.split(separator: "/").first.map(String.init) : nil
      return LabelledItem(
        path: folder.path(of: name), label: label, group: "\(dataset):\(name.stem)",
        method: label == .real ? LabelledItem.realMethod : outer ?? "fake", dataset: dataset, kind: kind)
    }
    return Reading(items: items)
  }
}
