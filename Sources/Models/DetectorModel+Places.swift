import Foundation

extension DetectorModel {
  /// Reads a model file; `verifyGoldenOutput` says whether this machine computes it as its maker's did.
  ///
  /// - Throws: `ModelsError` with the path and what is wrong.
  public static func load(from path: String) throws(ModelsError) -> DetectorModel {
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw .file(path: path, problem: "cannot be read: \(error.localizedDescription)")
    }
    do {
      return try DetectorModel(fileBytes: bytes)
    } catch {
      throw .file(path: path, problem: error.description)
    }
  }

  /// Writes a model file under a temporary name and renames it, so that a reader never sees half of it.
  public func write(to path: String) throws(ModelsError) {
    let bytes = try encoded()
    do {
      try bytes.write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw .file(path: path, problem: "cannot be written: \(error.localizedDescription)")
    }
  }

  /// Where the model lies that comes with the program: in the package's resources beside it.
  ///
  /// `Bundle.module` would stop the program when they are missing.
  public static func builtInPath() throws(ModelsError) -> String {
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return try builtInPath(inFolder: program.deletingLastPathComponent().path)
  }

  static func builtInPath(inFolder folder: String) throws(ModelsError) -> String {
    let path = folder + "/Assay_Models.resources/builtin/standard.safetensors"
    guard FileManager.default.fileExists(atPath: path) else { throw .noBuiltInModel(searched: path) }
    return path
  }
}
