/// Two sums in double precision for each channel, both 0 at first.
final class ChannelSums {
  let first: UnsafeMutablePointer<Double>
  let second: UnsafeMutablePointer<Double>

  init(channels: Int) {
    first = .allocate(capacity: channels)
    second = .allocate(capacity: channels)
    first.initialize(repeating: 0, count: channels)
    second.initialize(repeating: 0, count: channels)
  }

  deinit {
    first.deallocate()
    second.deallocate()
  }
}
