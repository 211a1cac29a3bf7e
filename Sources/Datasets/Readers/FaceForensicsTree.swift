import Foundation

/// Reads a FaceForensics++ tree: `original_sequences/SOURCE/COMPRESSION/videos/*.mp4` and
/// `manipulated_sequences/METHOD/COMPRESSION/videos/*.mp4`, also with the folder names `original` and `manipulate`.
///
/// An item's group is the video whose footage it shows, its kin the video whose face was inserted.
public enum FaceForensicsTree {
  static let originals = ["original_sequences", "original"]
  static let manipulations = ["manipulated_sequences", "manipulate"]

  /// - Parameter dataset: by default `ffpp-` and the compression of each video, for example `ffpp-c23`.
  public static func read(
    _ path: String, dataset: String? = nil, isVideo: ContentCheck? = nil
  ) throws(DatasetsError) -> Reading {
    let root = try Folder(path)
    var reading = Reading()
    for name in originals + manipulations {
      guard let folder = root.folder(name) else { continue }
      for (video, kind) in try folder.media(isVideo: isVideo) where kind == .video {
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

/// The identities in the name of a FaceForensics++ or DeepFakeDetection video.
///
/// `183.mp4` is footage of id 183; `183_253.mp4` shows footage of 183 with the face (or the expression) of 253;
/// `03__podium_speech.mp4` is actor 3, `03_07__podium_speech__ABCDEFGH.mp4` actor 3 with the face of actor 7.
struct FaceForensicsName: Equatable {
  enum Source: Equatable {
    case youtube(id: Int)
    case actor(number: Int)

    /// Group of items that show this source.
    var group: String {
      switch self {
      case .youtube(let id): "ffpp:" + padded(id, digits: 3)
      case .actor(let number): "ffpp-actor:" + padded(number, digits: 2)
      }
    }

    private func padded(_ number: Int, digits: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
  }

  /// Identity of the footage.
  var target: Source
  /// Identity of the inserted face; nil in originals.
  var face: Source?

  /// - Parameter stem: file name without folder and ending.
  init?(stem: String) {
    let isActor = stem.contains("__")
    let head = isActor ? String(stem.prefix(upTo: stem.range(of: "__")?.lowerBound ?? stem.endIndex)) : stem
    let numbers = head.split(separator: "_", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(numbers.count), let first = numbers[0], first >= 0 else { return nil }
    func source(_ number: Int) -> Source { isActor ? .actor(number: number) : .youtube(id: number) }
    target = source(first)
    if numbers.count == 2 {
      guard let second = numbers[1], second >= 0 else { return nil }
      face = source(second)
    }
  }
}

/// Reads face crops of FaceForensics++ as `train|test/youtube|Deepfakes|Face2Face|FaceSwap|NeuralTextures/roi_N.jpg`.
///
/// A group is a block of neighbouring ids, the same for all methods (`FaceForensicsBlocks`); pictures near a block's
/// border have both groups. The folder `test` is always the test part and a separate data set. Blocks separate the
/// footage; the ids of the inserted faces are unknown, so these may occur in another part.
public enum FaceForensicsCrops {
  static let parts: [(folder: String, part: Part)] = [("train", .train), ("test", .test)]

  public static func read(
    _ path: String, blocks: FaceForensicsBlocks = FaceForensicsBlocks(), dataset: String = "ffpp-crops"
  ) throws(DatasetsError) -> Reading {
    let root = try Folder(path)
    var reading = Reading()
    for (name, part) in parts {
      guard let side = root.folder(name) else { continue }
      for method in FaceForensicsOrder.methods {
        guard let folder = side.folder(method) else { continue }
        let isReal = method == FaceForensicsOrder.originals
        var numbered: [(number: Int, item: LabelledItem)] = []
        for file in try folder.names() {
          guard let number = number(of: file),
            let position = FaceForensicsOrder.position(ofCrop: number, method: method, part: part)
          else {
            reading.problems.append(DatasetProblem(.unknownName, folder.path(of: file), "is not named roi_N.jpg"))
            continue
          }
          let (group, border) = blocks.group(at: position, part: part)
          let item = LabelledItem(
            path: folder.path(of: file), label: isReal ? .real : .fake, group: group, borderGroup: border,
            fixedPart: part == .test ? .test : nil, method: isReal ? LabelledItem.realMethod : method,
            dataset: part == .test ? "\(dataset)-test" : dataset, kind: .picture)
          numbered.append((number, item))
        }
        reading.items += numbered.sorted { $0.number < $1.number }.map(\.item)
      }
    }
    return reading
  }

  private static func number(of file: String) -> Int? {
    guard file.hasPrefix("roi_"), LabelledItem.Kind(fileName: file) == .picture else { return nil }
    return Int(file.stem.dropFirst("roi_".count)).flatMap { $0 >= 0 ? $0 : nil }
  }
}
