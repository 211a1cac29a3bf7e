import Compute
import Foundation
import NeuralNet
import Runs

/// A network's layers in numbers, for people and for programs.
struct NetworkTable: Codable {
  struct Layer: Codable {
    var name: String
    var type: String
    /// Shape of the output for one sample.
    var output: [Int]
    /// Values that training changes.
    var parameters: Int
  }

  /// Shape of one sample.
  var input: [Int]
  var layers: [Layer]
  /// Values that training changes, those that layers share counted once.
  var parameters: Int
  /// For one sample: two for each multiply-add of convolutions and linear layers, in billions.
  var gflop: Double

  /// - Throws: `NeuralNetError` that names the layer which does not fit.
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

  /// A row a layer, then the totals.
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
