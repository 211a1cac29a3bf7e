/// Reads face crops of FaceForensics++ as `train|test/youtube|Deepfakes|Face2Face|FaceSwap|NeuralTextures/roi_N.jpg`.
///
/// A group is a block of neighbouring ids, the same for all methods (`FaceForensicsBlocks`); pictures near a block's
/// border carry both groups. What lies in `test` always is the test part, and a data set with rows of its own. A block keeps the footage apart; the faces
/// that were swapped in come from ids that the crops do not tell, so those may appear on the other side.
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
