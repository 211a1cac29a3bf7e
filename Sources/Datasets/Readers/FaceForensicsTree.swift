/// Reads a FaceForensics++ tree: `original_sequences/SOURCE/COMPRESSION/videos/*.mp4` and
/// `manipulated_sequences/METHOD/COMPRESSION/videos/*.mp4`, also with the folder names `original` and `manipulate`.
///
/// An item's group is the video whose footage it shows, its kin the one whose face was put in.
public enum FaceForensicsTree {
  static let originals = ["original_sequences", "original"]
  static let manipulations = ["manipulated_sequences", "manipulate"]

  /// - Parameter dataset: by default `ffpp-` and the compression of each video, for example `ffpp-c23`.
  public static func read(_ path: String, dataset: String? = nil) throws(DatasetsError) -> Reading {
    let root = try Folder(path)
    var reading = Reading()
    for name in originals + manipulations {
      guard let folder = root.folder(name) else { continue }
      for (video, kind) in try folder.media() where kind == .video {
        let file = folder.path(of: video)
        let parts = video.split(separator: "/")
        guard let name = FaceForensicsName(stem: video.stem), parts.count >= 2 else {
          reading.problems.append(
            DatasetProblem(.unknownName, file, "does not name its source as FaceForensics++ does"))
          continue
        }
        let label: Label = originals.contains(folder.path.stem) ? .real : .fake
        let compression = parts.dropFirst().dropLast().first { $0 != "videos" }.map(String.init)
        reading.items.append(
          LabelledItem(
            path: file, label: label, group: name.target.group, kin: name.face.map { [$0.group] } ?? [],
            method: label == .real ? LabelledItem.realMethod : String(parts[0]),
            dataset: dataset ?? compression.map { "ffpp-\($0)" } ?? "ffpp", kind: .video))
      }
    }
    return reading
  }
}
