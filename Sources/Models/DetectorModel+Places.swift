import Files
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
      throw .file(path: path, problem: "cannot be read: \(explanation(of: error))")
    }
    do {
      return try DetectorModel(fileBytes: bytes)
    } catch {
      throw .file(path: path, problem: error.description)
    }
  }

  /// Writes a model file under a temporary name and renames it, so that a reader never sees half of it.
  ///
  /// - Throws: `ModelsError` with the path and what is wrong.
  public func write(to path: String) throws(ModelsError) {
    try writeModelFile(encoded(), to: path)
  }

  /// The names of models that come with the program: the one that is used without a name, the seed paper's network, and one
  /// that was hardened against perturbations, which a build may lack.
  public static let builtInNames = ["standard", "paper", "hardened"]

  /// The built-in model that `text` means: `builtin`, a name, or a name behind `builtin-`; nil for everything else, which
  /// is a path. No text means the standard one.
  public static func builtInName(_ text: String?) -> String? {
    guard let text, text != "builtin" else { return builtInNames[0] }
    let name = text.hasPrefix("builtin-") ? String(text.dropFirst("builtin-".count)) : text
    return builtInNames.contains(name) ? name : nil
  }

  /// Where a model lies that comes with the program: in the package's resources beside it.
  ///
  /// `Bundle.module` would stop the program when they are missing.
  public static func builtInPath(_ name: String = builtInNames[0]) throws(ModelsError) -> String {
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return try builtInPath(name, inFolder: program.deletingLastPathComponent().path)
  }

  static func builtInPath(
    _ name: String = builtInNames[0], inFolder folder: String
  ) throws(ModelsError) -> String {
    let path = folder + "/Assay_Models.resources/builtin/\(name).safetensors"
    guard FileManager.default.fileExists(atPath: path) else { throw .noBuiltInModel(searched: path) }
    return path
  }
}
