import Files
import Foundation
import Runs

/// All studies, by name.
package enum StudyCatalog {
  package static let all: [any Study.Type] = [
    PaperStudy.self, NormStudy.self, CodecStudy.self, SamplingStudy.self, ScalingStudy.self, ArchitectureStudy.self,
    GANStudy.self,
  ]

  package static var names: [String] { all.map { $0.about.name } }

  static subscript(name: String) -> (any Study.Type)? { all.first { $0.about.name == name } }

  /// Names of a study's settings; nil for an unknown study.
  package static func settings(of study: String) -> [String]? { self[study]?.about.settings.map(\.name) }

  /// The studies as a table, or as JSON.
  package static func listing(asJSON: Bool) throws -> String {
    struct Listed: Encodable {
      var name: String
      var question: String
      var inputs: String
      var settings: [String: String]
    }
    let abouts = all.map { $0.about }
    if asJSON {
      return try readableJSON(
        abouts.map { about in
          Listed(
            name: about.name, question: about.question, inputs: about.inputs,
            settings: Dictionary(about.settings.map { ($0.name, $0.summary) }) { $1 })
        })
    }
    return alignedTable(
      heading: ["STUDY", "DATA", "QUESTION"], rows: abouts.map { [$0.name, $0.inputs, $0.question] })
      + "\nRun one with: assay study NAME DATA… -o DIR [--scale small|full]"
  }
}
