import Compute
import NeuralNet

/// Building blocks of most architectures.
extension NetworkBuilder {
  /// Convolution without bias (batch norm's shift does its work), then batch norm.
  mutating func convolution(
    _ name: String, norm: String, channels: Int, kernel: Int, stride: Int = 1, groups: Int = 1, padding: Padding? = nil,
    _ settings: BatchNormSettings = BatchNormSettings()
  ) {
    convolution(name, channels: channels, kernel: kernel, stride: stride, groups: groups, padding: padding)
    batchNorm(norm, settings)
  }

  /// Global average pooling, dropout, and a linear layer that returns the logits.
  mutating func classifier(_ name: String, classes: Int, dropout: Float = 0) {
    globalAveragePool("avgpool")
    flatten("flatten")
    if dropout > 0 { self.dropout("dropout", rate: dropout) }
    linear(name, features: classes)
  }
}

/// Attention modules, which rescale the current value by factors computed from it.
extension NetworkBuilder {
  /// Squeeze-and-excitation (Hu et al. 2018, section 3): scales each channel by a factor computed from all means.
  ///
  /// - Parameters:
  ///   - squeezed: width of the bottleneck layer.
  ///   - activation: activation of the bottleneck layer, ReLU in the paper.
  mutating func squeezeExcitation(_ name: String, squeezed: Int, activation: ActivationFunction = .relu) {
    let x = current
    let channels = currentShape[0]
    globalAveragePool("\(name).avgpool")
    appendBottleneck(name, squeezed: squeezed, channels: channels, activation)
    sigmoid("\(name).scale")
    binary("\(name).multiply", .multiply, x)
  }

  /// Convolutional block attention (Woo et al. 2018, section 3): channel attention, then spatial attention.
  mutating func blockAttention(_ name: String, squeezed: Int) {
    channelAttention("\(name).channel", squeezed: squeezed)
    spatialAttention("\(name).spatial")
  }

  /// Channel means and maxima go through the same two layers (equation 2): they are concatenated as two rows, so that
  /// one pair of 1×1 convolutions processes both.
  private mutating func channelAttention(_ name: String, squeezed: Int) {
    let x = current
    let channels = currentShape[0]
    globalAveragePool("\(name).avgpool")
    let means = current
    append("\(name).maxpool", .reduce(.maximum, axes: [2, 3], keepsAxes: true), inputs: [x])
    append("\(name).rows", .concat(axis: 2), inputs: [means, current])
    appendBottleneck(name, squeezed: squeezed, channels: channels, .relu)
    append("\(name).sum", .reduce(.sum, axes: [2], keepsAxes: true))
    sigmoid("\(name).scale")
    binary("\(name).multiply", .multiply, x)
  }

  /// Mean and maximum over the channels form an image of two planes; a 7×7 convolution of it gives the factors
  /// (equation 3).
  private mutating func spatialAttention(_ name: String) {
    let x = current
    append("\(name).mean", .reduce(.mean, axes: [1], keepsAxes: true))
    let means = current
    append("\(name).max", .reduce(.maximum, axes: [1], keepsAxes: true), inputs: [x])
    append("\(name).planes", .concat(axis: 1), inputs: [means, current])
    convolution("\(name).conv", channels: 1, kernel: 7, bias: true)
    sigmoid("\(name).scale")
    binary("\(name).multiply", .multiply, x)
  }

  private mutating func appendBottleneck(_ name: String, squeezed: Int, channels: Int, _ function: ActivationFunction) {
    convolution("\(name).fc1", channels: squeezed, kernel: 1, bias: true)
    activation("\(name).activation", function)
    convolution("\(name).fc2", channels: channels, kernel: 1, bias: true)
  }
}
