import ArgumentParser
import Files
import Foundation
import Runs
import Yams

/// Run settings in a YAML file: a section per command (`scan`, `gan train`), a key per long option.
///
/// `--pipeline nightly` is replaced by the section's settings, placed before the user's own arguments: the last value
/// of an option counts, so the command line overrides the file, and the file the default. The keys are the command's own
/// options, read from its help, so the two cannot differ.
enum PipelineFile {
  /// Replaces `--pipeline NAME` in `arguments` by the settings of that file.
  ///
  /// - Throws: `ValidationError` that names the file, the key and the line.
  static func expand(_ arguments: [String], for root: any ParsableCommand.Type) throws -> [String] {
    guard let (file, rest) = try extractName(from: arguments) else { return arguments }
    guard let command = Self.command(Array(rest.prefix(2)), below: root) else {
      throw ValidationError("--pipeline needs a command before it, for example: assay scan --pipeline nightly …")
    }
    let words = Self.name(of: command, below: root).split(separator: " ").map(String.init)
    let path = try locate(file)
    let text: String
    do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
      throw ValidationError("cannot read the pipeline file \(path): \(explanation(of: error))")
    }
    let given = Set(rest.filter { $0.hasPrefix("--") }.map { String($0.prefix { $0 != "=" }) })
    let settings = try Self.arguments(in: text, path: path, command: command, given: given)
    let own = words.joined(separator: " ")
    let sections = try Self.sections(in: text, path: path)
    guard sections.contains(own) else {
      throw ValidationError(
        "\(path) has no section '\(own)', so it sets nothing for assay \(own); it has "
          + (sections.isEmpty ? "none" : sections.joined(separator: ", ")))
    }
    return words + settings + rest.dropFirst(words.count)
  }

  /// The command that the words begin with: `scan`, or one of a family such as `gan train`.
  static func command(
    _ words: [String], below root: any ParsableCommand.Type
  ) -> (any ParsableCommand.Type)? {
    guard let word = words.first,
      let found = root.configuration.subcommands.first(where: { $0._commandName == word })
    else { return nil }
    return found.configuration.subcommands.isEmpty ? found : Self.command(Array(words.dropFirst()), below: found)
  }

  /// The words that call a command, which are the name of its section.
  private static func name(of command: any ParsableCommand.Type, below root: any ParsableCommand.Type) -> String {
    let family = root.configuration.subcommands.first { member in
      member.configuration.subcommands.contains { $0 == command }
    }
    return (family.map { $0._commandName + " " } ?? "") + command._commandName
  }

  /// The names of all sections that a file may have.
  private static func sections(below root: any ParsableCommand.Type) -> [String] {
    root.configuration.subcommands.flatMap { member in
      member.configuration.subcommands.isEmpty
        ? [member._commandName] : member.configuration.subcommands.map { name(of: $0, below: root) }
    }
  }

  private static func extractName(from arguments: [String]) throws -> (name: String, rest: [String])? {
    var rest = arguments
    let end = rest.firstIndex(of: "--") ?? rest.endIndex
    guard let index = rest[..<end].firstIndex(where: { $0 == "--pipeline" || $0.hasPrefix("--pipeline=") }) else {
      return nil
    }
    let argument = rest.remove(at: index)
    if argument != "--pipeline" { return (String(argument.dropFirst("--pipeline=".count)), rest) }
    guard index < rest.endIndex else {
      throw ValidationError("--pipeline needs a name or a path, for example: --pipeline nightly")
    }
    return (rest.remove(at: index), rest)
  }

  /// A path as it is; a bare name as `pipelines/NAME.yaml` in the nearest of `SettingsFolders`.
  static func locate(_ name: String, in folder: String = "pipelines") throws -> String {
    if name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return name }
    guard let path = SettingsFolders.find("\(folder)/\(name).yaml") else {
      throw ValidationError(
        "there is no \(folder)/\(name).yaml in \(SettingsFolders.all.joined(separator: ", ")): give the path of the "
          + "file; assay pipelines lists those that are there")
    }
    return path
  }

  /// The names of the sections of a file, in their order.
  static func sections(in text: String, path: String) throws -> [String] {
    do { return try compose(yaml: text)?.mapping?.compactMap(\.key.string) ?? [] } catch {
      throw ValidationError("\(path) is not valid YAML: \(error)")
    }
  }

  /// The settings of `command`'s section as command-line arguments.
  static func arguments(
    in text: String, path: String, command: any ParsableCommand.Type, given: Set<String> = []
  ) throws -> [String] {
    let document: Node?
    do { document = try compose(yaml: text) } catch {
      throw ValidationError("\(path) is not valid YAML: \(error)")
    }
    let sections = document?.mapping ?? [:]
    let options = try OptionNames(of: command)
    let commands = Self.sections(below: Assay.self)
    let own = Self.name(of: command, below: Assay.self)
    var result: [String] = []
    for (sectionKey, section) in sections {
      let sectionName = sectionKey.string ?? ""
      guard commands.contains(sectionName) else {
        throw ValidationError("\(path):\(line(sectionKey)): '\(sectionName)' is not a command of assay")
      }
      guard sectionName == own else { continue }
      guard let mapping = section.mapping else {
        throw ValidationError("\(path):\(line(sectionKey)): '\(sectionName)' must hold keys and values")
      }
      for (key, value) in mapping {
        let name = key.string ?? ""
        guard let kind = options.kinds[name] else {
          throw ValidationError(
            "\(path):\(line(key)): '\(name)' is not a setting of '\(sectionName)'. Known: "
              + options.kinds.keys.sorted().joined(separator: ", "))
        }
        if given.contains("--" + name) { continue }
        result += try arguments(name: name, kind: kind, value: value, place: "\(path):\(line(key))")
      }
    }
    return result
  }

  private static func arguments(
    name: String, kind: OptionNames.Kind, value: Node, place: String
  ) throws -> [String] {
    switch kind {
    case .flag:
      guard let isOn = value.bool else {
        throw ValidationError("\(place): '\(name)' is a switch: write true or false")
      }
      return isOn ? ["--" + name] : []
    case .option:
      let values = value.sequence.map(Array.init) ?? [value]
      return try values.map { element in
        guard let text = element.scalar?.string else {
          throw ValidationError("\(place): '\(name)' needs a plain value")
        }
        return "--\(name)=\(text)"
      }
    }
  }

  static func line(_ node: Node) -> Int { node.mark?.line ?? 0 }
}

/// The long options of a command, from the description that ArgumentParser itself writes.
private struct OptionNames {
  enum Kind { case flag, option }
  var kinds: [String: Kind] = [:]

  private struct Dump: Decodable {
    struct Command: Decodable { var arguments: [Argument]? }
    struct Argument: Decodable {
      struct Name: Decodable { var kind: String; var name: String }
      var kind: String
      var names: [Name]?
    }
    var command: Command
  }

  init(of command: any ParsableCommand.Type) throws {
    let dump = try JSONDecoder().decode(Dump.self, from: Data(command._dumpHelp().utf8))
    for argument in dump.command.arguments ?? [] {
      for name in argument.names ?? [] where name.kind == "long" {
        kinds[name.name] = argument.kind == "flag" ? .flag : .option
      }
    }
    for reserved in ["help", "version", "pipeline"] { kinds[reserved] = nil }
  }
}
