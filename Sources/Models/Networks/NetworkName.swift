/// A network as users write it: an architecture of the catalogue and modifiers, `NAME[+MODIFIER…]`.
///
/// `paper-cnn+residual+width=2` is the paper's network with residual connections and twice the channels,
/// `resnet-18+ensemble=3` the mean of three networks.
public struct NetworkName: Sendable {
  /// A modifier of a network, with its description.
  public struct Modifier: Sendable {
    public let name: String
    public let summary: String
  }

  /// The modifiers allowed after a `+`.
  public static let modifiers = [
    Modifier(name: "residual", summary: "shortcuts (paper-cnn only)"),
    Modifier(name: "se", summary: "squeeze-and-excitation (paper-cnn only)"),
    Modifier(name: "cbam", summary: "channel and spatial attention (paper-cnn only)"),
    Modifier(name: "width=X", summary: "X times the channels, 0.125 to 16 (paper-cnn, resnet-18, resnet-50)"),
    Modifier(name: "depth=N", summary: "N convolutions between two poolings, 1 to 8 (paper-cnn only)"),
    Modifier(name: "ensemble=N", summary: "mean of N networks, 2 to 16"),
  ]

  private let entry: NetworkCatalog.Entry
  private var paperModifiers: [PaperCNNModifier] = []
  /// Width multiplier of a residual network.
  private var width = 1.0
  private var members = 1

  /// Whether it is the seed paper's network, modified or not.
  private var isPaperCNN: Bool { entry.name == NetworkCatalog.paperName }

  /// - Throws: `ModelsError.unknownNetwork` that lists the known names.
  public init(_ text: String) throws(ModelsError) {
    let parts = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    guard let entry = NetworkCatalog[parts[0]] else {
      let known = NetworkCatalog.all.map(\.name).joined(separator: ", ")
      throw .unknownNetwork(text, problem: "there is no network '\(parts[0])'; there are \(known)")
    }
    self.entry = entry
    for part in parts.dropFirst() {
      if let members = Self.number(part, "ensemble", in: 2...16).flatMap(Int.init(exactly:)) {
        self.members = members
      } else if entry.design is ResNet, let width = Self.number(part, "width", in: 0.125...16) {
        self.width = width
      } else if let modifier = Self.paperModifier(part) {
        guard isPaperCNN else {
          throw .unknownNetwork(text, problem: "'\(part)' changes only \(NetworkCatalog.paperName)")
        }
        paperModifiers.append(modifier)
      } else {
        let known = Self.modifiers.map { "+\($0.name): \($0.summary)" }.joined(separator: "; ")
        throw .unknownNetwork(text, problem: "there is no change '\(part)'; there are \(known)")
      }
    }
  }

  /// The architecture with its modifiers.
  ///
  /// - Parameter paper: the paper's network before modifiers.
  public func design(paper: PaperCNN = PaperCNN()) -> any NetworkDesign {
    var design = isPaperCNN ? paper.applying(paperModifiers) : entry.design
    if var residual = design as? ResNet {
      residual.width = max(1, Int((Double(residual.width) * width).rounded()))
      design = residual
    }
    return members == 1 ? design : NetworkEnsemble(design, count: members)
  }

  private static func paperModifier(_ text: String) -> PaperCNNModifier? {
    switch text {
    case "residual": .residual
    case "se": .squeezeExcitation
    case "cbam": .blockAttention
    default:
      number(text, "width", in: 0.125...16).map { .width($0) }
        ?? number(text, "depth", in: 1...8).flatMap(Int.init(exactly:)).map { .depth($0) }
    }
  }

  /// The value of `name=value` if it lies in the range.
  private static func number(_ text: String, _ name: String, in range: ClosedRange<Double>) -> Double? {
    guard text.hasPrefix(name + "="), let value = Double(text.dropFirst(name.count + 1)), range.contains(value) else {
      return nil
    }
    return value
  }
}
