import Datasets
import Decoder
import Faces
import Imaging
import Pipeline

/// Extracts the face crops of labelled files.
struct CropStage: Stage, ~Copyable {
  typealias Input = (number: Int, item: LabelledItem)
  struct Output: Sendable {
    var number: Int
    var crops: [NewCrop]
    var problem: String?
    /// Whether no face was found and the crop was cut at the usual face position of its data set.
    var isPlaced = false
  }
  static var name: String { "crops" }
  private var client: DecoderClient
  private let size: Int
  private let pictures: PictureFraming
  private let usualFaces: [String: Box]

  /// - Parameter usualFaces: usual face box by data set, for `recut`.
  init(_ client: consuming DecoderClient, size: Int, pictures: PictureFraming, usualFaces: [String: Box]) {
    self.client = client
    self.size = size
    self.pictures = pictures
    self.usualFaces = usualFaces
  }

  mutating func process(_ input: Input, emit: (Output) -> Void) throws {
    let isPicture = input.item.kind == .picture
    var pixels: [[UInt8]] = []
    let file = try client.decode(
      Array(input.item.path.utf8), content: isPicture ? .picture : .video,
      faces: isPicture ? pictures.origin : nil, usualFace: usualFaces[input.item.dataset]
    ) { pixels.append($0) }
    let places = file.frames.flatMap { frame in frame.faces.map { (frame.seconds, $0) } }
    let crops = zip(places, pixels).map { place, bytes in
      NewCrop(
        pixels: Frame(width: size, height: size, pixels: bytes), track: place.1.track, seconds: place.0,
        box: place.1.box)
    }
    emit(
      Output(
        number: input.number, crops: crops, problem: file.failure?.message,
        isPlaced: isPicture && pictures == .recut && places.contains { $0.1.confidence == 0 }))
  }
}
