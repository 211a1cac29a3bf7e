import COneDNN

/// Fills oneDNN's convolution descriptors: images in a given layout, filters in any layout.
///
/// The image layout is fixed because, with `any` and few input channels, oneDNN 2.6 trains with its reference kernel.
enum ConvolutionOperation {
  static func forward(
    _ g: ConvolutionGeometry, _ pictures: ConvolutionPictures, hasBias: Bool, training: Bool, node: String
  ) throws(ComputeError) -> dnnl_convolution_desc_t {
    var operation = dnnl_convolution_desc_t()
    var blocks = try Blocks(g, pictures.layout, node: node)
    let status = withUnsafePointer(to: blocks.bias) {
      dnnl_dilated_convolution_forward_desc_init(
        &operation, training ? dnnl_forward_training : dnnl_forward_inference, pictures.algorithm,
        &blocks.x, &blocks.weight, hasBias ? $0 : nil, &blocks.y,
        blocks.strides, blocks.dilations, blocks.before, blocks.after)
    }
    try check(
      status, "dnnl_dilated_convolution_forward_desc_init", node: node)
    return operation
  }

  static func backwardData(
    _ g: ConvolutionGeometry, _ pictures: ConvolutionPictures, node: String
  ) throws(ComputeError) -> dnnl_convolution_desc_t {
    var operation = dnnl_convolution_desc_t()
    var blocks = try Blocks(g, pictures.layout, node: node)
    try check(
      dnnl_dilated_convolution_backward_data_desc_init(
        &operation, pictures.algorithm, &blocks.x, &blocks.weight, &blocks.y,
        blocks.strides, blocks.dilations, blocks.before, blocks.after),
      "dnnl_dilated_convolution_backward_data_desc_init", node: node)
    return operation
  }

  static func backwardWeights(
    _ g: ConvolutionGeometry, _ pictures: ConvolutionPictures, hasBias: Bool, node: String
  ) throws(ComputeError) -> dnnl_convolution_desc_t {
    var operation = dnnl_convolution_desc_t()
    var blocks = try Blocks(g, pictures.layout, node: node)
    let status = withUnsafePointer(to: blocks.bias) {
      dnnl_dilated_convolution_backward_weights_desc_init(
        &operation, pictures.algorithm, &blocks.x, &blocks.weight, hasBias ? $0 : nil, &blocks.y,
        blocks.strides, blocks.dilations, blocks.before, blocks.after)
    }
    try check(
      status, "dnnl_dilated_convolution_backward_weights_desc_init", node: node)
    return operation
  }

  private struct Blocks {
    var x, weight, bias, y: dnnl_memory_desc_t
    let strides, dilations, before, after: [Int64]

    init(_ g: ConvolutionGeometry, _ layout: PictureLayout, node: String) throws(ComputeError) {
      x = try DNNLayout.pictures(g.inputShape, layout, node: node)
      weight = try DNNLayout.anyFilters(g, node: node)
      bias = try DNNLayout.vector(g.output.channels, node: node)
      y = try DNNLayout.pictures(g.outputShape, layout, node: node)
      strides = [g.stride.height, g.stride.width].map(Int64.init)
      // oneDNN counts skipped elements: 0 for an ordinary convolution.
      dilations = [g.dilation.height - 1, g.dilation.width - 1].map(Int64.init)
      before = [g.padding.top, g.padding.left].map(Int64.init)
      after = [g.padding.bottom, g.padding.right].map(Int64.init)
    }
  }
}
