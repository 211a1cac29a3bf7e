import Foundation

/// What the name of a FaceForensics++ or DeepFakeDetection video says about who is in it.
///
/// `183.mp4` is footage of id 183; `183_253.mp4` shows footage of 183 with the face (or the expression) of 253;
/// `03__podium_speech.mp4` is actor 3, `03_07__podium_speech__ABCDEFGH.mp4` actor 3 with the face of actor 7.
struct FaceForensicsName: Equatable {
  enum Source: Equatable {
    case youtube(id: Int)
    case actor(number: Int)

    /// Group of items that show this source.
    var group: String {
      switch self {
      case .youtube(let id): "ffpp:" + padded(id, digits: 3)
      case .actor(let number): "ffpp-actor:" + padded(number, digits: 2)
      }
    }

    private func padded(_ number: Int, digits: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
  }

  /// Whose footage it is.
  var target: Source
  /// Whose face was put in; nil in originals.
  var face: Source?

  /// - Parameter stem: file name without folder and ending.
  init?(stem: String) {
    let isActor = stem.contains("__")
    let head = isActor ? String(stem.prefix(upTo: stem.range(of: "__")?.lowerBound ?? stem.endIndex)) : stem
    let numbers = head.split(separator: "_", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(numbers.count), let first = numbers[0], first >= 0 else { return nil }
    func source(_ number: Int) -> Source { isActor ? .actor(number: number) : .youtube(id: number) }
    target = source(first)
    if numbers.count == 2 {
      guard let second = numbers[1], second >= 0 else { return nil }
      face = source(second)
    }
  }
}
