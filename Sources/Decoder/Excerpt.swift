import Foundation
package import Imaging
import Isolation
import Media
import Runs

/// A time range of a video to decode, and the face positions in it.
package struct ExcerptRequest: Codable, Sendable {
  /// An observation of the face by a scan.
  package struct Sighting: Codable, Sendable {
    package var pts: Int64
    package var box: Box

    package init(pts: Int64, box: Box) {
      self.pts = pts
      self.box = box
    }
  }

  package var from: Int64
  package var to: Int64
  /// In order of time, not empty.
  package var face: [Sighting]
  package var framing: FaceFraming
  /// Side of a crop in pixels.
  package var cropSize: Int
  /// Maximum length of a picture's longer side, in pixels.
  package var longestSide: Int
  package var cpuSeconds: Int
  /// Position of the video stream among all streams; nil for the one that players show.
  package var track: Int?

  package init(
    from: Int64, to: Int64, face: [Sighting], framing: FaceFraming, cropSize: Int, longestSide: Int,
    cpuSeconds: Int,
    track: Int? = nil
  ) {
    self.track = track
    self.from = from
    self.to = to
    self.face = face
    self.framing = framing
    self.cropSize = cropSize
    self.longestSide = longestSide
    self.cpuSeconds = cpuSeconds
  }

  /// Face box at a time, linearly interpolated between observations.
  package func box(at pts: Int64) -> Box {
    guard let next = face.firstIndex(where: { $0.pts >= pts }) else { return face[face.count - 1].box }
    guard next > 0 else { return face[next].box }
    let (a, b) = (face[next - 1], face[next])
    let share = Double(pts - a.pts) / Double(b.pts - a.pts)
    func mixed(_ value: KeyPath<Box, Double>) -> Double {
      a.box[keyPath: value] * (1 - share) + b.box[keyPath: value] * share
    }
    return Box(x: mixed(\.x), y: mixed(\.y), width: mixed(\.width), height: mixed(\.height))
  }

  /// Even sides for a picture of this size, scaled down to fit `longestSide`.
  package func size(width: Int, height: Int) -> (width: Int, height: Int) {
    let scale = min(1, Double(longestSide) / Double(max(width, height)))
    func even(_ side: Int) -> Int { max(16, Int((Double(side) * scale / 2).rounded()) * 2) }
    return (even(width), even(height))
  }
}

/// One frame of an excerpt.
package struct ExcerptFrame: Sendable {
  package var pts: Int64
  /// In pixels of `picture`.
  package var box: Box
  package var crop: Frame
  package var picture: Frame
}

extension TranscodeService {
  /// Sends the frames of a time range.
  func excerpt(_ order: ExcerptRequest, _ descriptor: CInt, over connection: borrowing WorkerConnection) throws {
    guard !order.face.isEmpty, order.longestSide >= 16 else {
      throw WorkflowError.decoder(why: "invalid excerpt request")
    }
    _ = try VideoReader(descriptor: descriptor, track: order.track).forEachFrame(where: {
      (order.from...order.to).contains($0)
    }) {
      picture, frame, packet in
      let box = order.box(at: frame.pts)
      try connection.sendTranscode(
        .frame,
        TranscodeFrame(
          packet: packet, pts: frame.pts, width: picture.width, height: picture.height, faces: [box], isKnown: true))
      let crop = try picture.crop(square: order.framing.square(of: box), size: order.cropSize)
      try connection.send(WorkerMessage(kind: TranscodeMessage.Kind.part.rawValue, payload: crop.pixels))
      let size = order.size(width: picture.width, height: picture.height)
      let small = try picture.thumbnail(of: picture.bounds, width: size.width, height: size.height)
      try connection.send(WorkerMessage(kind: TranscodeMessage.Kind.picture.rawValue, payload: small.pixels))
    }
  }
}

extension TranscodeClient {
  /// Decodes a time range of a video.
  ///
  /// - Throws: `WorkflowError.input` for any problem with the video; errors of `onFrame`.
  package mutating func excerpt(
    _ path: [UInt8], _ request: ExcerptRequest, onFrame: (ExcerptFrame) throws -> Void
  ) throws {
    var frame: TranscodeFrame?
    var crop: Frame?
    try ask(.excerpt, try JSONEncoder().encode(request), file: path) { kind, payload in
      switch kind {
      case .frame:
        guard frame == nil else { throw Nonsense.order }
        let next = try JSONDecoder().decode(TranscodeFrame.self, from: Data(payload))
        guard !next.isNonsense, next.faces.count == 1 else { throw Nonsense.size }
        frame = next
      case .part:
        guard frame != nil, crop == nil else { throw Nonsense.order }
        guard payload.count == request.cropSize * request.cropSize * 3 else { throw Nonsense.size }
        crop = Frame(width: request.cropSize, height: request.cropSize, pixels: payload)
      case .picture:
        guard let current = frame, let pixels = crop else { throw Nonsense.order }
        let size = request.size(width: current.width, height: current.height)
        guard payload.count == size.width * size.height * 3 else { throw Nonsense.size }
        let scale = Double(size.width) / Double(current.width)
        let box = current.faces[0]
        try onFrame(
          ExcerptFrame(
            pts: current.pts,
            box: Box(x: box.x * scale, y: box.y * scale, width: box.width * scale, height: box.height * scale),
            crop: pixels, picture: Frame(width: size.width, height: size.height, pixels: payload)))
        frame = nil
        crop = nil
      default: throw Nonsense.order
      }
    }
  }
}
