import Files
import Foundation
public import Imaging

/// A face in a picture of a face set.
public struct AnnotatedFace: Sendable, Hashable, Codable {
  /// From the hairline to the chin, in the picture's pixels.
  public var box: Box
  /// Right and left eye, nose, right and left corner of the mouth (of the person), in the picture's pixels.
  public var landmarks: [Point]
  /// Mean score of the teachers, 0…1.
  public var score: Float
  /// Whether the teachers agree; training ignores the other faces instead of taking them for background.
  public var isCertain: Bool

  public init(box: Box, landmarks: [Point], score: Float, isCertain: Bool) {
    self.box = box
    self.landmarks = landmarks
    self.score = score
    self.isCertain = isCertain
  }

  /// Geometric mean of the box's sides.
  var size: Double { (box.width * box.height).squareRoot() }
}

/// A picture of a face set with its annotations.
public struct AnnotatedPicture: Sendable, Hashable, Codable {
  /// Below the set's folder.
  public var file: String
  public var width: Int
  public var height: Int
  /// The file that it was taken from, and the frame's time there; pictures of one input stay on one side of a split.
  public var input: String
  public var seconds: Double?
  public var faces: [AnnotatedFace]

  public init(
    file: String, width: Int, height: Int, input: String, seconds: Double? = nil, faces: [AnnotatedFace]
  ) {
    self.file = file
    self.width = width
    self.height = height
    self.input = input
    self.seconds = seconds
    self.faces = faces
  }
}

/// Pictures with annotated faces on disk: `pictures/*.jpg` and one line for each in `faces.jsonl`.
public struct FaceSet: Sendable {
  public static let indexName = "faces.jsonl"

  public let folder: String
  public let pictures: [AnnotatedPicture]

  /// - Throws: `DatasetsError` when there is no such set, or a line of it is damaged.
  public init(folder: String) throws(DatasetsError) {
    self.folder = folder
    let path = folder + "/" + Self.indexName
    guard FileManager.default.fileExists(atPath: path) else {
      throw .file(path: path, problem: "does not exist: make a face set with assay label-faces")
    }
    pictures = try LineFile.read(AnnotatedPicture.self, path: path).map(\.value)
    for (line, picture) in pictures.enumerated() {
      let boxes = picture.faces.map(\.box)
      guard picture.width > 0, picture.height > 0, boxes.allSatisfy({ $0.width > 0 && $0.height > 0 }),
        picture.faces.allSatisfy({ $0.landmarks.count == 5 })
      else { throw .format(path: path, line: line + 1, problem: "has an empty box or not five landmarks") }
    }
  }

  public func path(of picture: AnnotatedPicture) -> String { folder + "/" + picture.file }

  /// Indices of the pictures of each part: inputs are assigned by a digest of their name, so that a part keeps its
  /// inputs when the set grows.
  ///
  /// - Parameter validation: fraction of the inputs in the validation part, 0…1.
  public func split(validation: Double) -> (training: [Int], validation: [Int]) {
    let isValidation = pictures.map { picture in
      var hash = ContentHash()
      Array(picture.input.utf8).withUnsafeBytes { hash.add($0) }
      let digest = hash.state
      // The upper bits of names that differ in their last letters are equal: mix them.
      let mixed = (digest ^ (digest >> 29)) &* 0xbf58_476d_1ce4_e5b9
      return Double(mixed >> 11) * 0x1p-53 < validation
    }
    return (pictures.indices.filter { !isValidation[$0] }, pictures.indices.filter { isValidation[$0] })
  }
}
