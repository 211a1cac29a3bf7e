public import Compute

/// Tensors and text in the safetensors format: 8 bytes of header length, a JSON header, the tensors' bytes.
///
/// Reading trusts nothing; writing is deterministic (names sorted), so equal contents give equal bytes.
public struct SafetensorsFile: Sendable {
  public var tensors: [String: Tensor]
  /// The header's `__metadata__`.
  public var metadata: [String: String]

  public init(tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Name of the first tensor, in the order of names, with an infinity or NaN: no trained network has one.
  public var firstNotFinite: String? {
    tensors.keys.sorted().first { tensors[$0]?.isFinite == false }
  }

  /// Longest header that is read; the format's own limit.
  static let headerLimit = 100_000_000
}
