import Compute
import NeuralNet

/// What most architectures are made of.
extension NetworkBuilder {
  /// Convolution without bias (batch norm's shift does its work), then batch norm.
  mutating func convolution(
    _ name: String, norm: String, channels: Int, kernel: Int, stride: Int = 1, groups: Int = 1, padding: Padding? = nil,
    _ settings: BatchNormSettings = BatchNormSettings()
  ) {
    convolution(name, channels: channels, kernel: kernel, stride: stride, groups: groups, padding: padding)
    batchNorm(norm, settings)
  }

  /// Mean of each channel, dropout, and the logits from what is left.
  mutating func classifier(_ name: String, classes: Int, dropout: Float = 0) {
    globalAveragePool("avgpool")
    flatten("flatten")
    if dropout > 0 { self.dropout("dropout", rate: dropout) }
    linear(name, features: classes)
  }
}
