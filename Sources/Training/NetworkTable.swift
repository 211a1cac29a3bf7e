import Compute
import Foundation
import NeuralNet
import Runs

/// Layer table of a network, as text or JSON.
struct NetworkTable: Codable {
  struct Layer: Codable {
    var name: String
    var type: String
    /// Shape of the output for one sample.
    var output: [Int]
    /// Number of trainable values.
    var parameters: Int
  }

  /// Shape of one sample.
  var input: [Int]
  var layers: [Layer]
  /// Number of trainable values; values shared between layers count once.
  var parameters: Int
  /// For one sample, in billions of operations: two per multiply-add of convolutions and linear layers.
  var gflop: Double

  /// - Throws: `NeuralNetError` naming the layer that does not fit.
  init(_ network: Network) throws(NeuralNetError) {
    let shapes = try network.shapes(batch: 1)
    let trained = Set(network.trainableNames)
    input = network.inputShape.extents
    layers = network.nodes.map { node in
      let names = node.parameters.values.filter(trained.contains)
      return Layer(
        name: node.name, type: node.operation.name, output: shapes[node.output]?.sample.extents ?? [],
        parameters: names.reduce(0) { $0 + (network.parameters[$1]?.count ?? 0) })
    }
    parameters = network.parameterCount
    gflop = 2 * Double(try network.multiplications()) / 1e9
  }

  /// One row per layer, then the totals.
  var text: String {
    let rows = layers.map { layer in
      [layer.name, layer.type, Self.extents(layer.output), layer.parameters == 0 ? "" : "\(layer.parameters)"]
    }
    return alignedTable(heading: ["LAYER", "OPERATOR", "OUTPUT", "PARAMETERS"], rows: rows)
      + "\n\(layers.count) layers, \(parameters) parameters, "
      + String(format: "%.3f GFLOP for an input of ", gflop) + Self.extents(input)
  }

  private static func extents(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: "×") }
}
