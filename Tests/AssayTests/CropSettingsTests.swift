import Foundation
import TestSupport
import Testing
import Training
import TrainingSupport

@Suite("A model on crops with other face-crop settings", .heavy)
struct CropSettingsTests {
  private let folder = ScratchFolder()

  @Test("evaluate, attack and train --from warn of each difference, and only then")
  func warnings() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48)
    let options = TrainOptions.small("model", crops: crops, in: folder)
    _ = try trainDetector(options)
    let model = options.output
    let commands = [
      ["evaluate", model, crops, "--part", "all", "--resamples", "100", "-q"],
      [
        "attack", model, crops, "-o", folder.path("attacks"), "--part", "all", "--attacks", "fgsm", "--linf", "1/255",
        "--limit", "2", "-q",
      ],
      [
        "train", crops, "--from", model, "-o", folder.path("tuned"), "--epochs", "1", "--batch", "8", "--learning-rate",
        "1e-6", "-q", "--overwrite",
      ],
    ]
    func expectWarning(_ isExpected: Bool) throws {
      for command in commands {
        let result = try AssayProgram.run(command)
        #expect(result.code == 0, "\(result.output)")
        let warning =
          "warning: model: the model was trained with the face detector standard, these crops have yunet-0123456789ab"
        #expect(result.output.contains(warning) == isExpected, "\(result.output)")
        #expect(result.output.contains("the model was trained with") == isExpected, "\(result.output)")
      }
    }
    try expectWarning(false)
    let header = try folder.text("crops/crops.json")
    try folder.write(header.replacing("\"standard\"", with: "\"yunet-0123456789ab\""), to: "crops/crops.json")
    try FileManager.default.removeItem(atPath: folder.path("attacks"))
    try expectWarning(true)
  }
}
