public import Compute
public import Safetensors

/// A network with the optimiser's state, as saved during training.
///
/// The network's tensors keep their names, so the file can be read as a model. The optimiser's tensors have the prefix
/// `optimiser.`, averaged weights `average.`, and other tensors that training needs to resume `kept.`.
public struct Checkpoint: Sendable {
  public var network: Network
  public var optimiser: OptimiserState
  /// Averaged weights by parameter; nil if not in use.
  public var average: [String: Tensor]?
  /// Other tensors that training needs to resume, by name.
  public var kept: [String: Tensor]
  /// Additional text metadata of the file; the keys `network` and `optimiser.step` are reserved.
  public var metadata: [String: String]

  public init(
    network: Network, optimiser: OptimiserState, average: [String: Tensor]? = nil, kept: [String: Tensor] = [:],
    metadata: [String: String] = [:]
  ) {
    self.network = network
    self.average = average
    self.kept = kept
    self.optimiser = optimiser
    self.metadata = metadata
  }

  /// The contents of the file.
  public func file() throws(NeuralNetError) -> SafetensorsFile {
    var file = SafetensorsFile(tensors: network.parameters, metadata: metadata)
    file.metadata[Key.network] = try network.graphText()
    file.metadata[Key.step] = String(optimiser.step)
    for (name, tensor) in optimiser.mean { file.tensors[Key.mean + name] = tensor }
    for (name, tensor) in optimiser.square { file.tensors[Key.square + name] = tensor }
    for (name, tensor) in average ?? [:] { file.tensors[Key.average + name] = tensor }
    for (name, tensor) in kept { file.tensors[Key.kept + name] = tensor }
    return file
  }

  public init(_ file: SafetensorsFile) throws(NeuralNetError) {
    guard let graph = file.metadata[Key.network] else {
      throw .badFile("its metadata contain no network")
    }
    guard let step = file.metadata[Key.step].flatMap(Int.init), step >= 0 else {
      throw .badFile("it has no optimiser state: it is a finished model, not a checkpoint")
    }
    var state = OptimiserState()
    state.step = step
    var parameters: [String: Tensor] = [:]
    var averages: [String: Tensor] = [:]
    var others: [String: Tensor] = [:]
    for (name, tensor) in file.tensors {
      if name.hasPrefix(Key.mean) {
        state.mean[String(name.dropFirst(Key.mean.count))] = tensor
      } else if name.hasPrefix(Key.square) {
        state.square[String(name.dropFirst(Key.square.count))] = tensor
      } else if name.hasPrefix(Key.average) {
        averages[String(name.dropFirst(Key.average.count))] = tensor
      } else if name.hasPrefix(Key.kept) {
        others[String(name.dropFirst(Key.kept.count))] = tensor
      } else {
        parameters[name] = tensor
      }
    }
    for (name, beside) in Array(state.mean) + Array(state.square) + Array(averages)
    where beside.shape != parameters[name]?.shape {
      throw .badFile("the training state of '\(name)' has the shape \(beside.shape)")
    }
    kept = others
    average = averages.isEmpty ? nil : averages
    network = try Network(graphText: graph, parameters: parameters)
    optimiser = state
    metadata = file.metadata.filter { $0.key != Key.network && $0.key != Key.step }
  }

  private enum Key {
    static let network = "network"
    static let step = "optimiser.step"
    static let mean = "optimiser.mean."
    static let square = "optimiser.square."
    static let average = "average."
    static let kept = "kept."
  }
}
