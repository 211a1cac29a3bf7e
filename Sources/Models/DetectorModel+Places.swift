import Files
import Foundation

extension DetectorModel {
  /// Reads a model file; `verifyGoldenOutput` checks that this machine reproduces its golden output.
  ///
  /// - Throws: `ModelsError` with the path and the defect.
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

  /// Writes a model file under a temporary name and renames it, so that a reader never sees a partial file.
  ///
  /// - Throws: `ModelsError` with the path and the problem.
  public func write(to path: String) throws(ModelsError) {
    try writeModelFile(encoded(), to: path)
  }

  /// The names of built-in models: the default, the seed paper's network, and one hardened against perturbations, which
  /// a build may lack.
  public static let builtInNames = ["standard", "paper", "hardened"]

  /// The built-in model that `text` refers to: `builtin`, a name, or `builtin-` and a name. nil for anything else, such
  /// as a path. No text means the default.
  public static func builtInName(_ text: String?) -> String? {
    guard let text, text != "builtin" else { return builtInNames[0] }
    let name = text.hasPrefix("builtin-") ? String(text.dropFirst("builtin-".count)) : text
    return builtInNames.contains(name) ? name : nil
  }

  /// Path of a built-in model: beside the program, where a build puts it, or in `../share/assay/models`, where an
  /// installation does.
  ///
  /// `Bundle.module` would terminate the program if the resources are missing.
  public static func builtInPath(_ name: String = builtInNames[0]) throws(ModelsError) -> String {
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return try builtInPath(name, programFolder: program.deletingLastPathComponent().path)
  }

  static func builtInPath(
    _ name: String = builtInNames[0], programFolder folder: String
  ) throws(ModelsError) -> String {
    let paths = ["Assay_Models.resources/builtin", "../share/assay/models"].map {
      URL(filePath: "\(folder)/\($0)/\(name).safetensors").standardized.path
    }
    guard let path = paths.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw .noBuiltInModel(searched: paths)
    }
    return path
  }
}
