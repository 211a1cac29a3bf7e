extension NormBall {
  /// `x` with 8-bit values, still in the ball: what a picture or a video can hold. The origin must have such values.
  ///
  /// Values go to the nearest level, and one level towards the origin where that would leave the ball.
  public func quantised(_ x: CropPixels) -> CropPixels {
    var result = x
    for i in result.values.indices { result.values[i] = (min(max(x.values[i], 0), 1) * 255).rounded() / 255 }
    switch norm {
    case .linf:
      for i in result.values.indices where abs(result.values[i] - origin.values[i]) > radius + 1e-6 {
        result.values[i] = towardsOrigin(x.values[i], i)
      }
    case .l2:
      guard PerturbationSize(from: origin, to: result).l2 > radius else { break }
      for i in result.values.indices { result.values[i] = towardsOrigin(x.values[i], i) }
    case .l0:
      break
    }
    return result
  }

  private func towardsOrigin(_ value: Float, _ place: Int) -> Float {
    let levels = (value - origin.values[place]) * 255
    // Rounding errors must not cost a whole level.
    let whole = (levels + (levels > 0 ? 1e-3 : -1e-3)).rounded(.towardZero)
    return origin.values[place] + whole / 255
  }
}
