/// Settings of a training as a model's card and a checkpoint record them.
enum RecordedSettings {
  /// What `pairs` holds when every source weighs the same.
  static let equalPairs = "by sources"

  /// The settings as options of the command line, sorted by name.
  static func options(_ settings: [String: String]) -> String {
    settings.sorted { $0.key < $1.key }.compactMap { option($0.key, $0.value) }.joined(separator: " ")
  }

  /// - Returns: nil for a flag that was not given.
  static func option(_ key: String, _ value: String) -> String? {
    switch (key, value) {
    case ("pairs", equalPairs): "--pairs"
    case ("pairs", _): "--pairs --mix \(value)"
    case (_, "true"): "--\(key)"
    case ("mirrors", "false"): "--no-mirrors"
    case (_, "false"): nil
    default: "--\(key) \(value)"
    }
  }
}
