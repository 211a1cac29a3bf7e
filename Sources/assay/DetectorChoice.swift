import ArgumentParser

/// The face detectors by name.
enum DetectorChoice: String, ExpressibleByArgument, CaseIterable {
  case hog, yunet

  /// - Parameter model: what `--detector-model` says.
  func check(model: String?) throws {
    switch self {
    case .hog where model != nil: throw ValidationError("--detector-model needs --detector yunet.")
    case .yunet where model == nil: throw ValidationError("--detector yunet needs --detector-model FILE.onnx.")
    default: break
    }
  }
}
