import Attacks
import Decoder
import Imaging
import Media
import Scoring
import Testing
import Verdicts

@testable import Faces
@testable import Runs
@testable import Scanning

@Suite("Settings that rows record")
struct ScanSettingsTests {
  private static func every() throws -> ScanSettings {
    var settings = ScanSettings()
    settings.frames = 7
    settings.decode = .fast
    settings.faces = .wholeFrame
    settings.threshold = 0.25
    settings.timeoutSeconds = 11
    settings.decoderMemoryMiB = 512
    settings.margin = true
    settings.defence = try DefenceName("resize:80+jpeg")
    settings.recompressDistance = 0.1
    var perturb = PerturbSettings(attack: "pgd", epsilon: 8 / 255)
    perturb.norm = .l2
    perturb.steps = 5
    perturb.target = .video
    perturb.seed = 3
    settings.perturb = perturb
    return settings
  }

  private static func record(_ settings: ScanSettings) -> SettingsRecord {
    settings.record(detector: settings.detector.rawValue, flag: nil, opinion: nil, isFirstPass: false)
  }

  @Test("a row's settings are those of its scan")
  func decoded() throws {
    var attackDefaults = try Self.every()
    attackDefaults.perturb?.norm = nil
    attackDefaults.perturb?.steps = nil
    for settings in [ScanSettings(), try Self.every(), attackDefaults] {
      #expect(try ScanSettings(Self.record(settings)) == settings)
    }
  }

  @Test("the recorded text is part of the manifest's format")
  func recorded() throws {
    #expect(
      Self.record(ScanSettings()).values == [
        "frames": "16", "decode": "exact", "faces": "detect", "detector": "standard", "threshold": "model",
        "timeoutSeconds": "300", "decoderMemoryMiB": "4096", "qualityFloor": QualityFloor.usual.description,
      ])
    #expect(
      Self.record(try Self.every()).values == [
        "frames": "7", "decode": "fast", "faces": "whole-frame", "detector": "standard", "threshold": "0.25",
        "timeoutSeconds": "11", "decoderMemoryMiB": "512", "margin": "true", "defence": "resize:80+jpeg",
        "recompressDistance": "0.1", "perturb": "pgd", "norm": "l2", "epsilon": "0.03137255", "steps": "5",
        "adaptive": "video", "seed": "3",
      ])
  }

  @Test(
    "settings that no scan writes are errors that name the setting",
    arguments: [
      ("decode", "slow"), ("frames", "many"), ("frames", nil), ("defence", "magic"), ("perturb", "pgd"),
    ])
  func refused(_ key: String, _ value: String?) {
    var values = Self.record(ScanSettings()).values
    values[key] = value
    let error = #expect(throws: WorkflowError.self) { try ScanSettings(SettingsRecord(values: values, hash: "")) }
    #expect(error.map { "\($0)".contains(value.map { $0 == "pgd" ? "epsilon" : $0 } ?? key) } == true)
  }
}
