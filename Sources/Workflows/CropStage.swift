import Datasets
import Imaging
import Pipeline

/// Labelled files in, their crops out.
struct CropStage: Stage, ~Copyable {
  typealias Input = (number: Int, item: LabelledItem)
  struct Output: Sendable {
    var number: Int
    var crops: [NewCrop]
    var problem: String?
  }
  static var name: String { "crops" }
  private var client: DecoderClient
  private let size: Int
  private let picturesAreCrops: Bool

  init(_ client: consuming DecoderClient, size: Int, picturesAreCrops: Bool) {
    self.client = client
    self.size = size
    self.picturesAreCrops = picturesAreCrops
  }

  mutating func process(_ input: Input, emit: (Output) -> Void) throws {
    let isPicture = input.item.kind == .picture
    var pixels: [[UInt8]] = []
    let file = try client.decode(
      Array(input.item.path.utf8), content: isPicture ? .picture : .video,
      faces: isPicture && picturesAreCrops ? .wholeFrame : nil
    ) { pixels.append($0) }
    let places = file.frames.flatMap { frame in frame.faces.map { (frame.seconds, $0) } }
    let crops = zip(places, pixels).map { place, bytes in
      NewCrop(
        pixels: Frame(width: size, height: size, pixels: bytes), track: place.1.track, seconds: place.0,
        box: place.1.box)
    }
    emit(Output(number: input.number, crops: crops, problem: file.failure?.message))
  }
}
