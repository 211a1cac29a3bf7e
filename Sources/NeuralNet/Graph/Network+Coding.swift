public import Compute
import Files
import Foundation

/// The graph without tensors, as stored in a model file's metadata.
private struct GraphDocument: Codable {
  var input: String
  var inputShape: Shape
  var nodes: [Node]
  var outputs: [String]
}

extension Network {
  /// The graph as JSON with sorted keys, without tensors.
  public func graphText() throws(NeuralNetError) -> String {
    do {
      let graph = GraphDocument(input: input, inputShape: inputShape, nodes: nodes, outputs: outputs)
      return try JSONEncoder.sorted.text(graph)
    } catch {
      throw .badFile("the network cannot be written as JSON: \(explanation(of: error))")
    }
  }

  /// A network from `graphText` and its tensors; checks the shapes of all layers.
  public init(graphText: String, parameters: [String: Tensor]) throws(NeuralNetError) {
    let graph: GraphDocument
    do {
      graph = try JSONDecoder().decode(GraphDocument.self, from: Data(graphText.utf8))
    } catch {
      throw .badFile("the network in the metadata cannot be read: \(explanation(of: error))")
    }
    self.init(
      input: graph.input, inputShape: graph.inputShape, nodes: graph.nodes, outputs: graph.outputs,
      parameters: parameters)
    _ = try shapes(batch: 1)
  }
}
