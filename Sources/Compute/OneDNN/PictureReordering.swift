import COneDNN

/// Copies pictures from one layout into the other.
public struct PictureReordering: ~Copyable {
  /// Working memory of `run`.
  public let scratchBytes: Int
  private let primitive: Primitive

  /// - Parameter shape: `[N, C, H, W]`.
  public init(
    _ shape: Shape, from source: PictureLayout, to target: PictureLayout, node: String
  ) throws(ComputeError) {
    primitive = try Primitive(
      reorderFrom: try DNNLayout.pictures(shape, source, node: node),
      to: try DNNLayout.pictures(shape, target, node: node), node: node)
    scratchBytes = primitive.scratchBytes
  }

  public func run(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) {
    try primitive.run([x.forDNN, y.forDNN], scratch: scratch)
  }
}
