import Files
import Foundation

/// A folder on disk with sorted names, so that the order is reproducible.
struct Folder {
  let path: String

  /// - Throws: `DatasetsError.file` if the folder does not exist.
  init(_ path: String) throws(DatasetsError) {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    guard exists, isFolder.boolValue else {
      throw .file(path: path, problem: exists ? "is not a folder" : "does not exist")
    }
    let standard = URL(fileURLWithPath: path).standardizedFileURL.path
    self.path = standard
  }

  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(of: name)) }

  func path(of name: String) -> String { path + "/" + name }

  /// The subfolder of that name; nil if there is none.
  func folder(_ name: String) -> Folder? {
    // The only failure is absence, which nil represents.
    try? Folder(path(of: name))
  }

  /// Names of the direct contents, sorted, without hidden files.
  func names() throws(DatasetsError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw .file(path: path, problem: "cannot be listed: \(explanation(of: error))")
    }
  }

  /// Videos and pictures in this folder and its subfolders, as sorted relative paths.
  ///
  /// - Parameter isVideo: looks at the content of a file whose extension is neither one of pictures nor one of videos
  ///   alone; without it the extension decides.
  func media(isVideo: ContentCheck? = nil) throws(DatasetsError) -> [(name: String, kind: LabelledItem.Kind)] {
    var found: [(name: String, kind: LabelledItem.Kind)] = []
    for name in try names() {
      if let inner = folder(name) {
        guard !MediaNames.isMetadataFolder(name.utf8) else { continue }
        found += try inner.media(isVideo: isVideo).map { ("\(name)/\($0.name)", $0.kind) }
      } else if let kind = LabelledItem.Kind(fileName: name), isVideo == nil || !MediaNames.isAmbiguous(name.utf8) {
        found.append((name, kind))
      } else if isVideo?(path(of: name)) ?? false {
        found.append((name, .video))
      }
    }
    return found
  }
}

/// Whether the content of the file at a path is a video.
public typealias ContentCheck = (_ path: String) -> Bool

extension LabelledItem.Kind {
  /// From the file extension, by the lists that `assay scan` uses; nil for files that are neither video nor picture.
  public init?(fileName: String) {
    if MediaNames.mayBeVideo(fileName.utf8) {
      self = .video
    } else if MediaNames.isPicture(fileName.utf8) {
      self = .picture
    } else {
      return nil
    }
  }
}

extension StringProtocol {
  /// Without leading and trailing whitespace.
  var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }

  /// The last path component, without its extension.
  var stem: String {
    let name = String(self[(lastIndex(of: "/").map(index(after:)) ?? startIndex)...])
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}

extension LabelledItem {
  /// Paths of the pictures and videos in a folder and those below it, sorted; of a file its own.
  public static func mediaFiles(below path: String) throws(DatasetsError) -> [String] {
    if FileManager.default.fileExists(atPath: path), Kind(fileName: path) != nil { return [path] }
    let folder = try Folder(path)
    return try folder.media().map { folder.path(of: $0.name) }
  }
}
