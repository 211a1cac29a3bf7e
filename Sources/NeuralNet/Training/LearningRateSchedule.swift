import Glibc

/// Linear warm-up, then half a cosine down (Loshchilov and Hutter 2017, without restarts).
public struct LearningRateSchedule: Hashable, Sendable, Codable {
  public var peak: Float
  /// Reached at the last step.
  public var floor: Float
  public var warmUpSteps: Int
  public var totalSteps: Int

  public init(peak: Float, floor: Float = 0, warmUpSteps: Int, totalSteps: Int) {
    self.peak = peak
    self.floor = floor
    self.warmUpSteps = warmUpSteps
    self.totalSteps = totalSteps
  }

  /// The rate of step 0, 1, …; `floor` behind the last one.
  public func rate(step: Int) -> Float {
    if step < warmUpSteps { return peak * Float(step + 1) / Float(warmUpSteps) }
    let length = max(totalSteps - 1 - warmUpSteps, 1)
    let progress = min(Double(step - warmUpSteps) / Double(length), 1)
    return floor + (peak - floor) * Float((1 + cos(Double.pi * progress)) / 2)
  }
}
