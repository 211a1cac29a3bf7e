/// What file names tell about content. `assay scan` and the readers of labelled data share these lists.
public enum MediaNames {
  /// Extensions of files that are taken for videos without a look at their content, in lower case.
  static let videos: Set<String> = [
    "264", "265", "360", "3g2", "3gp", "3gpp", "asf", "avc", "avi", "dav", "divx", "dv", "f4v", "flv", "h264", "h265",
    "hevc", "insv", "ivf", "lrv", "m1v", "m2p", "m2t", "m2ts", "m2v", "m4v", "mjpeg", "mjpg", "mk3d", "mkv", "mov",
    "mp4", "mp4v", "mpe", "mpeg", "mpg", "mpv", "mts", "mxf", "nsv", "nut", "ogm", "ogv", "qt", "rm", "rmvb", "tod",
    "ts", "vob", "webm", "wmv", "wtv", "y4m",
  ]

  /// Extensions that videos share with other kinds of files (JVC camcorders and Go modules write `.mod`).
  static let ambiguousVideos: Set<String> = ["amv", "dat", "mod", "rec", "trp", "tp", "vro"]

  static let pictures: Set<String> = ["bmp", "jpeg", "jpg", "png", "ppm", "tif", "tiff", "webp"]

  /// Folders in which network storage and operating systems keep previews, snapshots and indices.
  static let metadataFolders: Set<String> = [
    "#snapshot", ".@__thumb", ".AppleDouble", ".DocumentRevisions-V100", ".Spotlight-V100", ".TemporaryItems",
    ".fseventsd", ".snapshot", ".zfs", "@eaDir", "System Volume Information", "lost+found", "~snapshot",
  ]

  /// Whether the extension is one of videos and of nothing else.
  public static func isVideo(_ name: some BidirectionalCollection<UInt8>) -> Bool {
    pathExtension(of: name).map(videos.contains) ?? false
  }

  /// Whether the extension is one that videos share with other kinds of files.
  public static func isAmbiguous(_ name: some BidirectionalCollection<UInt8>) -> Bool {
    pathExtension(of: name).map(ambiguousVideos.contains) ?? false
  }

  /// Whether the extension is one of videos, perhaps also of something else.
  public static func mayBeVideo(_ name: some BidirectionalCollection<UInt8>) -> Bool {
    pathExtension(of: name).map { videos.contains($0) || ambiguousVideos.contains($0) } ?? false
  }

  public static func isPicture(_ name: some BidirectionalCollection<UInt8>) -> Bool {
    pathExtension(of: name).map(pictures.contains) ?? false
  }

  /// Whether a folder of this name holds no uploads but what a storage system keeps about them.
  public static func isMetadataFolder(_ name: some Sequence<UInt8>) -> Bool {
    metadataFolders.contains(String(decoding: Array(name), as: UTF8.self))
  }

  /// In lower case; nil without a dot.
  private static func pathExtension(of name: some BidirectionalCollection<UInt8>) -> String? {
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return nil }
    return String(decoding: Array(name[name.index(after: dot)...]), as: UTF8.self).lowercased()
  }
}
