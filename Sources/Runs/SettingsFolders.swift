import Foundation

/// Where settings, studies and models are looked for by name, nearest first: the working directory, the user's
/// configuration (`$XDG_CONFIG_HOME/assay`, by default `~/.config/assay`), the system's (`/etc/assay`), and the folder of
/// the program with `../share/assay` beside it.
package enum SettingsFolders {
  package static var all: [String] {
    let environment = ProcessInfo.processInfo.environment
    let configuration =
      environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? environment["HOME"].map { $0 + "/.config" }
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    let folders = [".", configuration.map { $0 + "/assay" }, "/etc/assay", program, program + "/../share/assay"]
    return folders.compactMap(\.self)
  }

  /// The first file of this name below one of the folders; nil if there is none.
  ///
  /// - Parameter name: relative, such as `pipelines/nightly.yaml`.
  package static func find(_ name: String, in folders: [String] = all) -> String? {
    folders.map { $0 == "." ? name : "\($0)/\(name)" }.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// All files in a folder of this name below one of the folders, by their names without the ending; the nearest one
  /// counts.
  package static func list(_ folder: String, ending: String) -> [(name: String, path: String)] {
    var found: [String: String] = [:]
    for place in all.map({ $0 == "." ? folder : "\($0)/\(folder)" }) {
      // A folder that is not there has nothing to list.
      for file in (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? [] where file.hasSuffix(ending) {
        let name = String(file.dropLast(ending.count))
        if found[name] == nil { found[name] = "\(place)/\(file)" }
      }
    }
    return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
