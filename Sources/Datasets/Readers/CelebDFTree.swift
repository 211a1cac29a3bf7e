/// Reads a Celeb-DF tree (Li et al. 2020): `Celeb-real/id0_0000.mp4`, `YouTube-real/00000.mp4` and
/// `Celeb-synthesis/id0_id1_0000.mp4`, which shows footage of id0 with the face of id1.
///
/// An item's group is the person whose footage it shows, its kin the person whose face was inserted. The set's own list
/// of test videos is ignored, because most persons occur on both sides of it.
public enum CelebDFTree {
  static let celebrities = "Celeb-real"
  static let strangers = "YouTube-real"
  static let syntheses = "Celeb-synthesis"

  public static func read(
    _ path: String, dataset: String = "celeb-df", isVideo: ContentCheck? = nil
  ) throws(DatasetsError) -> Reading {
    let root = try Folder(path)
    var reading = Reading()
    for name in [celebrities, strangers, syntheses] {
      guard let folder = root.folder(name) else { continue }
      for (video, kind) in try folder.media(isVideo: isVideo) where kind == .video {
        let file = folder.path(of: video)
        let persons = video.stem.split(separator: "_").filter { $0.hasPrefix("id") }.map { "\(dataset):\($0)" }
        let isFake = name == syntheses
        guard persons.count == (isFake ? 2 : name == strangers ? 0 : 1) else {
          reading.problems.append(DatasetProblem(.unknownName, file, "does not name its persons as Celeb-DF does"))
          continue
        }
        reading.items.append(
          LabelledItem(
            path: file, label: isFake ? .fake : .real, group: persons.first ?? "\(dataset)-youtube:\(video.stem)",
            kin: isFake ? [persons[1]] : [], method: isFake ? "celeb-synthesis" : LabelledItem.realMethod,
            dataset: dataset, kind: .video))
      }
    }
    return reading
  }
}
