import FoundationEssentials
import TestSupport
import Testing

@testable import Verdicts

@Suite("Published schema")
struct SchemaTests {
  private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
  private static let schemaPath = root + "/pipelines/schema/manifest.schema.json"

  private static let validator = """
    import json, sys, jsonschema
    schema = json.load(open(sys.argv[1]))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.load(open(sys.argv[2])))
    line = {"$schema": schema["$schema"], "$defs": schema["$defs"], "$ref": "#/$defs/video"}
    for text in open(sys.argv[3]):
        jsonschema.Draft202012Validator(line).validate(json.loads(text))
    """

  private static var hasValidator: Bool {
    (try? ExternalProgram.run(["python3", "-c", "import jsonschema"]).code) == 0
  }

  private func schema() throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: URL(filePath: Self.schemaPath)))
  }

  private func writtenManifest(_ folder: ScratchFolder) throws {
    var writer = try ManifestWriter(folder: folder.path)
    for record in try Examples.all() { try writer.append(record) }
    var header = Examples.header(writer.summary)
    let canaries = try CanaryGuise.allCases.map {
      CanaryRecord(guise: $0, video: try Examples.judged("c/known.mp4", [Examples.track(1, [3, 4])]))
    }
    header.canaries = CanarySummary(canaries, floor: 0.5)
    try writer.finish(header: header, canaries: canaries)
  }

  @Test(
    "written manifests are valid",
    .enabled(if: hasValidator, "python3 has no jsonschema (Debian: python3-jsonschema)"))
  func validates() throws {
    let folder = ScratchFolder()
    try writtenManifest(folder)
    let result = try ExternalProgram.run([
      "python3", "-c", Self.validator, Self.schemaPath, folder.path("manifest.json"), folder.path("manifest.jsonl"),
    ])
    #expect(result.code == 0, "\(result.output)")
  }

  @Test(
    "an inconsistent row is not valid",
    .enabled(if: hasValidator, "python3 has no jsonschema (Debian: python3-jsonschema)"),
    arguments: [
      (#""verdict":"failed""#, #""verdict":"real""#), (#""score":null"#, #""score":0.5"#),
      (#""reason":"truncated""#, #""reason":null"#), (#""warnings":[]"#, #""warnings":[],"extra":1"#),
      (#""asked":16"#, #""asked":-1"#),
    ])
  func rejects(_ sound: String, _ broken: String) throws {
    let folder = ScratchFolder()
    try writtenManifest(folder)
    let line = String(decoding: try ManifestJSON.line(Examples.failed("m/broken.mp4")), as: UTF8.self)
    try #require(line.contains(sound))
    try folder.write(line.replacing(sound, with: broken), to: "broken.jsonl")
    let result = try ExternalProgram.run([
      "python3", "-c", Self.validator, Self.schemaPath, folder.path("manifest.json"), folder.path("broken.jsonl"),
    ])
    #expect(result.code != 0)
    #expect(result.output.contains("ValidationError"))
  }

  @Test(
    "only an undecided row without a score has faces that are too poor to judge",
    .enabled(if: hasValidator, "python3 has no jsonschema (Debian: python3-jsonschema)"),
    arguments: [
      (#""verdict":"undecided""#, #""verdict":"real""#), (#""score":null"#, #""score":0.5"#),
      (#""reason":"low_quality""#, #""reason":null"#),
    ])
  func rejectsLowQuality(_ sound: String, _ broken: String) throws {
    let folder = ScratchFolder()
    try writtenManifest(folder)
    let line = String(decoding: try ManifestJSON.line(Examples.lowQuality("m/dim.mp4")), as: UTF8.self)
    try #require(line.contains(sound))
    for (text, isValid) in [(line, true), (line.replacing(sound, with: broken), false)] {
      try folder.write(text, to: "line.jsonl")
      let result = try ExternalProgram.run([
        "python3", "-c", Self.validator, Self.schemaPath, folder.path("manifest.json"), folder.path("line.jsonl"),
      ])
      #expect((result.code == 0) == isValid, "\(result.output)")
    }
  }

  @Test("the samples' expected manifest has this version, to the byte")
  func samples() throws {
    let bytes = try Data(contentsOf: URL(filePath: Self.root + "/samples/expected.json"))
    let manifest = try JSONDecoder().decode(Manifest.self, from: bytes)
    #expect(manifest.videos.count == 6)
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    for video in manifest.videos {
      let line = String(decoding: try ManifestJSON.line(video), as: UTF8.self).dropLast()
      #expect(lines.contains { $0.hasPrefix(line) }, "\(video.source.path.text)")
    }
  }

  @Test("names exactly the keys that are written")
  func keys() throws {
    let folder = ScratchFolder()
    try writtenManifest(folder)
    let manifest = try JSONDecoder().decode(JSONValue.self, from: Data(folder.text("manifest.json").utf8))
    let schema = try schema()
    var unused = Set(schema.objectSchemas.flatMap { path, keys in keys.map { "\(path).\($0)" } })
    compareKeys(of: manifest, with: schema, at: "#", in: schema, unused: &unused)
    #expect(unused.isEmpty, "in the schema, but in no example")
  }

  @Test("lists all verdicts and reasons")
  func enumerations() throws {
    let definitions = try #require(try schema()["$defs"])
    let counts = try #require(definitions["counts"]?["properties"])
    #expect(counts["verdicts"]?["properties"]?.keys == Verdict.allCases.map(\.rawValue).sorted())
    #expect(counts["reasons"]?["properties"]?.keys == FailureReason.allCases.map(\.rawValue).sorted())
    let video = try #require(definitions["video"]?["properties"])
    #expect(video["verdict"]?["enum"] == .array(Verdict.allCases.map { .string($0.rawValue) }))
    #expect(
      video["reason"]?["enum"] == .array(FailureReason.allCases.map { .string($0.rawValue) } + [.null]))
    #expect(
      definitions["warning"]?["properties"]?["code"]?["enum"]
        == .array(WarningRecord.Code.allCases.map { .string($0.rawValue) }))
  }

  /// Compares the keys of every object in `value` with `properties` of its schema, and takes what it meets off
  /// `unused`.
  private func compareKeys(
    of value: JSONValue, with schema: JSONValue, at path: String, in root: JSONValue, unused: inout Set<String>
  ) {
    if case .string(let reference) = schema["$ref"] {
      let name = String(reference.split(separator: "/").last ?? "")
      guard let target = root["$defs"]?[name] else {
        Issue.record("\(reference) leads nowhere")
        return
      }
      return compareKeys(of: value, with: target, at: reference, in: root, unused: &unused)
    }
    if case .array(let choices) = schema["anyOf"] {
      if value != .null, let choice = choices.first {
        compareKeys(of: value, with: choice, at: path, in: root, unused: &unused)
      }
      return
    }
    switch value {
    case .array(let elements):
      guard let items = schema["items"] else {
        Issue.record("\(path) is an array without items")
        return
      }
      for element in elements { compareKeys(of: element, with: items, at: path, in: root, unused: &unused) }
    case .object(let members):
      guard let properties = schema["properties"] else {
        if schema["additionalProperties"]?["type"] == nil { Issue.record("\(path) describes no properties") }
        return
      }
      #expect(schema["additionalProperties"] == .bool(false), "\(path)")
      for (key, member) in members {
        guard let property = properties[key] else {
          Issue.record("\(path).\(key) is written but not in the schema")
          continue
        }
        unused.remove("\(path).\(key)")
        compareKeys(of: member, with: property, at: "\(path).\(key)", in: root, unused: &unused)
      }
    default: return
    }
  }
}
