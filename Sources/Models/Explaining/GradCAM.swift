public import Compute
public import Imaging
public import NeuralNet

/// Gradient-weighted class activation maps of "fake" at the last spatial layer (Selvaraju et al. 2017, eq. 1 and 2),
/// computed by this engine's own backward pass.
///
/// The network is split at that layer: the first half gives its activations, the second half their gradient. The layer
/// is the last one with at least `leastSide` positions along both sides through which every path to the output leads.
/// A network of whole-crop texture statistics has no such layer, and no map. In an ensemble, whose logit is a mean,
/// every member that has one contributes a map. Used by one thread at a time.
public final class GradCAM {
  /// Positions along each side below which a map is too coarse for a face.
  public static let leastSide = 7

  private struct Member {
    let layer: String
    let before: Executor
    let behind: Executor
  }

  private let members: [Member]
  private let count: Int

  /// - Returns: nil when no member of the network has a suitable layer.
  /// - Throws: `NeuralNetError` when the network cannot be run.
  public init?(_ network: Network) throws(NeuralNetError) {
    let outputs = network.averagedOutputs
    var members: [Member] = []
    for output in outputs {
      let member = network.part(making: output)
      guard let layer = try Self.layer(of: member) else { continue }
      members.append(
        Member(
          layer: layer, before: try Executor(member.part(making: layer), batch: 1, use: .inference),
          behind: try Executor(member.part(after: layer), batch: 1, use: .inputGradient)))
    }
    guard !members.isEmpty else { return nil }
    self.members = members
    count = outputs.count
  }

  /// Description of the layers used.
  public var description: String {
    let layers = members.map(\.layer).joined(separator: ", ")
    return count == 1 ? "layer \(layers)" : "layers \(layers), \(members.count) of \(count) networks of the ensemble"
  }

  /// Whether some members of an ensemble have no such layer, so that the map omits their contribution.
  public var isPartial: Bool { members.count < count }

  /// - Parameter x: one preprocessed crop, `[1, 3, H, W]`.
  public func map(of x: Tensor) throws(NeuralNetError) -> HeatMap {
    var maps: [HeatMap] = []
    for member in members { maps.append(try Self.map(of: x, by: member)) }
    return .mean(maps)
  }

  private static func map(of x: Tensor, by member: Member) throws(NeuralNetError) -> HeatMap {
    let activations = try member.before.infer(x)
    let (_, gradient) = try member.behind.inputGradient(activations) { output, _ in Tensor(output.shape, repeating: 1) }
    let (channels, height, width) = (activations.shape[1], activations.shape[2], activations.shape[3])
    let area = height * width
    var sums = [Float](repeating: 0, count: area)
    activations.withFloats { a in
      gradient.withFloats { g in
        for channel in 0..<channels {
          var weight: Float = 0
          for place in 0..<area { weight += g[channel * area + place] }
          weight /= Float(area)
          for place in 0..<area { sums[place] += weight * a[channel * area + place] }
        }
      }
    }
    return HeatMap(width: width, height: height, weights: sums)
  }

  private static func layer(of network: Network) throws(NeuralNetError) -> String? {
    let shapes = try network.shapes(batch: 1)
    return network.nodes.last { node in
      guard let shape = shapes[node.output], shape.rank == 4, shape[2] >= leastSide, shape[3] >= leastSide else {
        return false
      }
      // A frozen filter carries no learnt information.
      return !node.isFrozen && node.operation.seesFeatures && network.allPathsLead(through: node.output)
    }?.output
  }
}

extension Operator {
  /// Whether the operator computes features, rather than resizing, reordering or moving its input.
  fileprivate var seesFeatures: Bool {
    switch self {
    case .maxPool, .averagePool, .globalAveragePool, .reduce, .dropout, .flatten, .reshape, .transpose, .slice, .pad,
      .resize, .identity, .constant:
      false
    default: true
    }
  }
}
