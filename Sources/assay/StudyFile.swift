import ArgumentParser
import Files
import Foundation
import Studies
import Yams

/// Settings of a study kept in a YAML file: which study it is, and a section for each scale.
struct StudyFile {
  let study: String
  let settings: StudySettings

  /// - Parameters:
  ///   - name: `NAME` for `pipelines/studies/NAME.yaml` below this folder, or a path.
  ///   - scale: the section that counts.
  /// - Throws: `ValidationError` that names the file, the key and the line.
  init(_ name: String, scale: StudyScale) throws {
    let path = try PipelineFile.locate(name, in: "pipelines/studies")
    let text: String
    do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
      throw ValidationError("cannot read the study file \(path): \(explanation(of: error))")
    }
    try self.init(text: text, path: path, scale: scale)
  }

  init(text: String, path: String, scale: StudyScale) throws {
    let document: Node?
    do { document = try compose(yaml: text) } catch { throw ValidationError("\(path) is not valid YAML: \(error)") }
    let sections = document?.mapping ?? [:]
    guard let study = sections["study"]?.string else {
      throw ValidationError(
        "\(path) names no study: add 'study: NAME', where NAME is one of "
          + StudyCatalog.names.joined(separator: ", "))
    }
    guard let known = StudyCatalog.settings(of: study) else {
      throw ValidationError(
        "\(path): unknown study '\(study)'; expected \(StudyCatalog.names.joined(separator: ", "))")
    }
    var found: [String: [String]]?
    for (key, section) in sections where key.string != "study" {
      let name = key.string ?? ""
      let place = "\(path):\(PipelineFile.line(key))"
      guard let ownScale = StudyScale(rawValue: name) else {
        let scales = StudyScale.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("\(place): '\(name)' is neither 'study' nor a scale (\(scales))")
      }
      guard let mapping = section.mapping else {
        throw ValidationError("\(place): '\(name)' must hold keys and values")
      }
      let values = try Self.values(mapping, known: known, study: study, path: path)
      if ownScale == scale { found = values }
    }
    guard let found else { throw ValidationError("\(path) has no section '\(scale.rawValue)'") }
    self.study = study
    settings = StudySettings(found)
  }

  private static func values(
    _ mapping: Node.Mapping, known: [String], study: String, path: String
  ) throws -> [String: [String]] {
    var values: [String: [String]] = [:]
    for (key, value) in mapping {
      let name = key.string ?? ""
      let place = "\(path):\(PipelineFile.line(key))"
      guard known.contains(name) else {
        throw ValidationError(
          "\(place): '\(name)' is not a setting of the study '\(study)'. Known: \(known.sorted().joined(separator: ", "))"
        )
      }
      values[name] = try (value.sequence.map(Array.init) ?? [value]).map { element in
        guard let text = element.scalar?.string else { throw ValidationError("\(place): '\(name)' needs plain values") }
        return text
      }
    }
    return values
  }
}
