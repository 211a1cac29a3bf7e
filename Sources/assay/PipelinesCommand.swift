import ArgumentParser
import Foundation
import Runs

/// `assay pipelines`: what `--pipeline` and `assay study` find by name.
struct PipelinesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipelines",
    abstract: "List the settings files and studies that are found by name, with their paths.",
    discussion: """
      A name is looked for as pipelines/NAME.yaml (studies: pipelines/studies/NAME.yaml) in these folders, the first \
      counts: the working directory, ~/.config/assay, /etc/assay, the program's folder and ../share/assay beside it. A \
      settings file has a section per command, such as 'scan:' or 'gan train:', and in it a key per long option.

      Example: assay pipelines; assay scan --pipeline nightly /srv/uploads
      """)

  func run() throws {
    let pipelines = SettingsFolders.list("pipelines", ending: ".yaml").map { name, path in
      // A file that cannot be read is listed without its sections.
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      return [name, ((try? PipelineFile.sections(in: text, path: path)) ?? []).joined(separator: ", "), path]
    }
    let studies = SettingsFolders.list("pipelines/studies", ending: ".yaml").map { [$0.name, "study", $0.path] }
    guard !(pipelines + studies).isEmpty else {
      return print("none in \(SettingsFolders.all.joined(separator: ", "))")
    }
    print(alignedTable(heading: ["NAME", "FOR", "PATH"], rows: pipelines + studies), terminator: "")
  }
}
