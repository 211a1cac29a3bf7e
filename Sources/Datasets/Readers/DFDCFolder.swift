import Files
import Foundation

/// Reads a folder of the Deepfake Detection Challenge: videos and a `metadata.json` that labels them.
///
/// A fake's group is the video that it was made from, so all fakes of one original stay with it.
public enum DFDCFolder {
  static let metadataName = "metadata.json"

  private struct Entry: Decodable {
    var label: String
    var original: String?
  }

  public static func read(
    _ path: String, dataset: String = "dfdc", isVideo: ContentCheck? = nil
  ) throws(DatasetsError) -> Reading {
    let folder = try Folder(path)
    let metadata = folder.path(of: metadataName)
    let entries: [String: Entry]
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: metadata))
      entries = try JSONDecoder().decode([String: Entry].self, from: data)
    } catch {
      throw .format(path: metadata, line: nil, problem: "is not DFDC metadata: \(explanation(of: error))")
    }
    var reading = Reading()
    for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
      guard let label = Label(text: entry.label) else {
        reading.problems.append(DatasetProblem(.unknownLabel, folder.path(of: name), "'\(entry.label)'"))
        continue
      }
      reading.items.append(
        LabelledItem(
          path: folder.path(of: name), label: label, group: "\(dataset):\((entry.original ?? name).stem)",
          method: label == .real ? LabelledItem.realMethod : "dfdc", dataset: dataset, kind: .video))
    }
    for (name, kind) in try folder.media(isVideo: isVideo) where kind == .video && entries[name] == nil {
      reading.problems.append(DatasetProblem(.unknownLabel, folder.path(of: name), "is not in \(metadataName)"))
    }
    return reading
  }
}
