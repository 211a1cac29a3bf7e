public import Compute
public import Imaging
public import NeuralNet

/// Where the last spatial layer saw what speaks for "fake": gradient-weighted class activation maps (Selvaraju et al.
/// 2017, eq. 1 and 2), from this engine's own backward pass.
///
/// The network is cut at the layer: what comes before gives its activations, what comes behind their gradient. Such a
/// layer must exist: the last one with at least `leastSide` positions along both sides through which all the answer
/// passes. A network that counts textures over the whole crop has none, and no map. Of an ensemble, whose logit is a mean,
/// every member that has one gives a map. Belongs to one thread at a time.
public final class GradCAM {
  /// Positions along each side below which a map shows nothing of a face.
  public static let leastSide = 7

  private struct Member {
    let layer: String
    let before: Executor
    let behind: Executor
  }

  private let members: [Member]
  private let count: Int

  /// - Returns: nil when no member of the network has a layer to look at.
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

  /// The layers that are looked at, in words.
  public var description: String {
    let layers = members.map(\.layer).joined(separator: ", ")
    return count == 1 ? "layer \(layers)" : "layers \(layers), \(members.count) of \(count) networks of the ensemble"
  }

  /// Whether networks of an ensemble have no such layer, so that the map leaves out what they add to the answer.
  public var isPartial: Bool { members.count < count }

  /// - Parameter x: one crop as the network takes it, `[1, 3, H, W]`.
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
      // A filter that was never trained says nothing of what was learnt.
      return !node.isFrozen && node.operation.seesFeatures && network.allPathsLead(through: node.output)
    }?.output
  }
}

extension Operator {
  /// Whether what it makes is more than its input in another size, order or place.
  fileprivate var seesFeatures: Bool {
    switch self {
    case .maxPool, .averagePool, .globalAveragePool, .reduce, .dropout, .flatten, .reshape, .transpose, .slice, .pad,
      .resize, .identity, .constant:
      false
    default: true
    }
  }
}
