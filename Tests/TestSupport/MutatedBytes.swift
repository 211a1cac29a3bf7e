package import Foundation

extension Data {
  /// A copy with flipped, removed, doubled and swapped bytes, most of them among the first 2000, where a header is.
  package func mutated(using generator: inout some RandomNumberGenerator) -> Data {
    var bytes = [UInt8](self)
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let reach = Int.random(in: 0..<4, using: &generator) == 0 ? bytes.count : Swift.min(bytes.count, 2000)
      guard reach > 2 else { break }
      let index = Int.random(in: 0..<reach, using: &generator)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 2: bytes.removeSubrange(index..<Swift.min(index + 8, bytes.count))
      case 3: bytes.insert(contentsOf: bytes[index..<Swift.min(index + 16, bytes.count)], at: index)
      case 4: bytes[index] = "0123456789[]{},:\"-".utf8.randomElement(using: &generator) ?? 0
      default: bytes.swapAt(index, Int.random(in: 0..<reach, using: &generator))
      }
    }
    return Data(bytes)
  }
}
