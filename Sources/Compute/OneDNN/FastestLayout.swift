/// In which layout of pictures oneDNN has more than plain loops for an operation.
struct FastestLayout {
  /// nil: in none, and `MatrixConvolution` computes it channels last.
  let layout: PictureLayout?
  /// Name of the code.
  let implementation: String

  /// The wanted layout if possible, then channels last.
  ///
  /// - Parameter implementation: oneDNN's name of the code for a layout.
  static func find(
    _ wanted: PictureLayout, _ implementation: (PictureLayout) throws(ComputeError) -> String
  ) throws(ComputeError) -> FastestLayout {
    for layout in wanted == .channelsLast ? [.channelsLast] : [wanted, .channelsLast] {
      let name = try implementation(layout)
      if !PrimitiveDescription.isReference(name) { return FastestLayout(layout: layout, implementation: name) }
    }
    return FastestLayout(layout: nil, implementation: MatrixConvolution.implementation)
  }
}
