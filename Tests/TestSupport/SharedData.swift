import FoundationEssentials

/// Real videos and pictures that are not part of the package, in the folder that `ASSAY_SHARED` names; nil without it.
public enum SharedData {
  /// `$ASSAY_SHARED`, or a folder `shared` beside the package that has the same layout.
  public static let folder: String? = {
    let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let places = [ProcessInfo.processInfo.environment["ASSAY_SHARED"], "/\(package)/../shared"]
    return places.compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0 + "/data/videos") }
  }()

  /// Paths of the four DFDC videos, sorted.
  public static let dfdcVideos = videos(below: "videos/dfdc")
  /// Paths of the seven FaceForensics++ videos, sorted.
  public static let ffppVideos = videos(below: "videos/ffpp")

  private static func videos(below place: String) -> [String]? {
    guard let root = folder.map({ "\($0)/data/\(place)" }) else { return nil }
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
    let videos = names.filter { $0.hasSuffix(".mp4") }.sorted().map { "\(root)/\($0)" }
    return videos.isEmpty ? nil : videos
  }
}
