import Compute
import Foundation
import Imaging
import NeuralNet
import Safetensors
import TestSupport
import Testing

@testable import Models

@Suite("Model files")
struct DetectorModelTests {
  @Test("a written file is read again, equal models give equal bytes, and the golden output is reproduced")
  func roundTrip() throws {
    let folder = ScratchFolder()
    let model = try SmallModel.make()
    try model.write(to: folder.path("m.safetensors"))
    let read = try DetectorModel.load(from: folder.path("m.safetensors"))
    #expect(read.name == "small" && read.version == "7")
    #expect(read.preprocessing == model.preprocessing)
    #expect(read.cropSettings == model.cropSettings)
    #expect(read.calibration == model.calibration)
    #expect(read.thresholds == model.thresholds)
    #expect(read.card == model.card)
    #expect(read.golden == model.golden)
    try read.verifyGoldenOutput()
    #expect(try read.encoded() == model.encoded())
    #expect(try SmallModel.make().encoded() == model.encoded())
    #expect(try SmallModel.make(seed: 4).golden != model.golden)
  }

  @Test("the face-crop settings of a model file keep their key and format")
  func cropSettingsKey() throws {
    let file = try SafetensorsFile(SmallModel.make().encoded())
    let settings =
      #""cropContract":{"detector":"none","filter":"triangle-antialias","margin":0.1,"offset":0,"size":16}"#
    #expect(file.metadata["assay"]?.contains(settings) == true)
  }

  @Test("the golden output detects a changed weight")
  func changedWeight() throws {
    var model = try SmallModel.make()
    model.network.parameters["logit.bias"] = Tensor([1], repeating: 0.5)
    #expect(throws: ModelsError.self) { try model.verifyGoldenOutput() }
  }

  @Test("truncated files and flipped header bytes are errors or other models, never traps")
  func damage() throws {
    let bytes = try SmallModel.make().encoded()
    for length in stride(from: 0, to: bytes.count, by: 211) {
      #expect(throws: ModelsError.self) { try DetectorModel(fileBytes: bytes.prefix(length)) }
    }
    for position in stride(from: 0, to: 3000, by: 17) {
      var changed = bytes
      changed[position] ^= 4
      // A changed digit or letter may still make a valid file; that no input stops the program is the point.
      _ = try? DetectorModel(fileBytes: changed)
    }
  }

  @Test(
    "invalid descriptions are refused",
    arguments: [
      (#""real":0.3"#, #""real":0.9"#), (#""fake":0.8"#, #""fake":1.5"#), (#""scale":1.5"#, #""scale":-1"#),
      (#""margin":0.1"#, #""margin":-1"#), (#""size":16"#, #""size":17"#), (#""size":16"#, #""size":-16"#),
      (#""size":16"#, #""size":1000000"#), (#""version":1,"#, #""version":2,"#), (#""version":1}"#, #""version":2}"#),
      (#""deviation":["#, #""deviation":[0.1,"#), (#""name":"small""#, #""name":5"#),
    ])
  func contradictions(_ old: String, _ new: String) throws {
    var file = try SafetensorsFile(SmallModel.make().encoded())
    let document = try #require(file.metadata["assay"])
    let changed = document.replacingOccurrences(of: old, with: new)
    guard changed != document else {
      // One of the two forms of the version occurs.
      #expect(old.contains("version"))
      return
    }
    file.metadata["assay"] = changed
    let bytes = file.encoded()
    #expect(throws: ModelsError.self) { try DetectorModel(fileBytes: bytes) }
  }

  @Test("weights that are not finite are refused")
  func notFinite() throws {
    var model = try SmallModel.make()
    model.network.parameters["logit.bias"] = Tensor([1], repeating: .nan)
    let bytes = try model.encoded()
    #expect(throws: ModelsError.self) { try DetectorModel(fileBytes: bytes) }
  }

  @Test("model files without a version, and files of other programs")
  func otherFiles() throws {
    var file = try SafetensorsFile(SmallModel.make().encoded())
    file.metadata["assay"] = file.metadata["assay"]?.replacingOccurrences(of: #""modelVersion":"7","#, with: "")
    #expect(try DetectorModel(fileBytes: file.encoded()).version == "1")
    file.metadata["assay"] = nil
    let error = #expect(throws: ModelsError.self) { try DetectorModel(fileBytes: file.encoded()) }
    #expect(error?.description.contains("not an Assay model") == true)
    #expect(throws: ModelsError.self) { try DetectorModel.load(from: "/nonexistent/m.safetensors") }
  }

  @Test("incompatible networks are refused on creation")
  func unfitting() throws {
    let card = ModelCard(trainingData: "", intendedUse: "", limits: "", licence: "")
    for (size, logits) in [(32, 1), (16, 2)] {
      #expect(throws: ModelsError.self) {
        try DetectorModel(
          name: "x", network: SmallModel.network(seed: 1, size: size, logits: logits), preprocessing: Preprocessing(),
          cropSettings: FaceCropSettings(detector: "standard", size: 16), card: card)
      }
    }
  }

  @Test("a missing built-in model is an error with the places where it was searched")
  func noBuiltInModel() {
    let folder = ScratchFolder()
    let error = #expect(throws: ModelsError.self) { try DetectorModel.builtInPath(programFolder: folder.path("bin")) }
    #expect(error?.description.contains(folder.path("bin/Assay_Models.resources")) == true)
    #expect(error?.description.contains(folder.path("share/assay/models")) == true)
  }

  @Test("an installed program finds its models below share, a built one beside itself")
  func builtInPlaces() throws {
    let folder = ScratchFolder()
    for place in ["share/assay/models", "bin/Assay_Models.resources/builtin"] {
      let path = folder.path("\(place)/standard.safetensors")
      try FileManager.default.createDirectory(atPath: folder.path(place), withIntermediateDirectories: true)
      #expect(FileManager.default.createFile(atPath: path, contents: nil))
      #expect(try DetectorModel.builtInPath(programFolder: folder.path("bin")) == path)
    }
  }

  @Test(
    "built-in models go by their names, everything else is a path",
    arguments: [
      (nil, "standard"), ("builtin", "standard"), ("standard", "standard"), ("hardened", "hardened"),
      ("builtin-hardened", "hardened"), ("./hardened", nil), ("mine.safetensors", nil), ("builtin-mine", nil),
    ] as [(String?, String?)])
  func builtInNames(text: String?, name: String?) {
    #expect(DetectorModel.builtInName(text) == name)
  }

  @Test(
    "the built-in models are complete and reproduce their golden output", arguments: ["standard", "paper"])
  func builtInModel(_ name: String) throws {
    // The test runner lies beside the package's resources, as the program does.
    let model = try DetectorModel.load(from: DetectorModel.builtInPath(name))
    try model.verifyGoldenOutput()
    #expect(model.cropSettings.size == model.network.inputShape[2])
    #expect(!model.card.limits.isEmpty && !model.card.trainingData.isEmpty && !model.card.licence.isEmpty)
  }

  @Test("face-crop settings with an alignment, as in older files, are read if boxes are upright")
  func alignment() throws {
    func decoded(_ alignment: String) throws -> FaceCropSettings {
      let text = #"{"detector":"hog","margin":0.3,"filter":"area","size":64,"alignment":"\#(alignment)"}"#
      return try JSONDecoder().decode(FaceCropSettings.self, from: Data(text.utf8))
    }
    let expected = FaceCropSettings(detector: "hog", framing: FaceFraming(margin: 0.3), filter: "area", size: 64)
    #expect(try decoded("none") == expected)
    #expect(throws: DecodingError.self) { _ = try decoded("eyes") }
  }

  @Test("differences of face-crop settings are listed, one per setting")
  func differences() {
    let own = FaceCropSettings(detector: "hog", framing: FaceFraming(margin: 0.3), size: 256)
    #expect(own.differences(from: own).isEmpty)
    let other = FaceCropSettings(
      detector: "yunet", framing: FaceFraming(margin: 0.4), filter: "area", size: 224)
    let differences = own.differences(from: other)
    #expect(differences.count == 4)
    #expect(differences[0].contains("hog") && differences[0].contains("yunet"))
  }
}
