/// Reads videos and pictures that lie in `real/` and `fake/`.
///
/// Every file is its own group, but a file of the same name (without its ending) in both folders is one source: tools
/// that make a fake often keep the name. The folder below `fake/` names the method.
public enum LabelledFolders {
  public static func read(_ path: String, dataset: String? = nil) throws(DatasetsError) -> Reading {
    let folder = try Folder(path)
    let dataset = dataset ?? folder.path.stem
    var reading = Reading()
    for label in Label.allCases {
      guard folder.has("\(label)") else { continue }
      reading.append(try read(folder.path(of: "\(label)"), label: label, dataset: dataset))
    }
    return reading
  }

  /// All media below one folder under one label.
  public static func read(_ path: String, label: Label, dataset: String) throws(DatasetsError) -> Reading {
    let folder = try Folder(path)
    let items = try folder.media().map { name, kind in
      let outer = name.contains("/") ? name.split(separator: "/").first.map(String.init) : nil
      return LabelledItem(
        path: folder.path(of: name), label: label, group: "\(dataset):\(name.stem)",
        method: label == .real ? LabelledItem.realMethod : outer ?? "fake", dataset: dataset, kind: kind)
    }
    return Reading(items: items)
  }
}
