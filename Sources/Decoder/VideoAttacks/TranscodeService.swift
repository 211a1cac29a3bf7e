import Faces
import Foundation
import Imaging
import Isolation
import Media
import Runs

/// Handles requests for whole videos inside a decoder process.
struct TranscodeService: ~Copyable {
  /// Patches for the next rewritten video.
  private var spool: Descriptor?

  /// - Parameters:
  ///   - tracker: finds the faces of the video; it is reset first.
  ///   - limits: limits of this process; its CPU time is renewed.
  mutating func answer(
    _ kind: TranscodeMessage.Kind, _ request: inout WorkerConnection.Request,
    tracker: inout some FaceSource & ~Copyable, _ limits: inout ResourceLimits,
    over connection: borrowing WorkerConnection
  ) throws {
    guard let file = request.takeDescriptor() else {
      throw WorkflowError.decoder(why: "a request came without a file")
    }
    let payload = Data(request.message.payload)
    do {
      switch kind {
      case .keep: spool = consume file
      case .watch:
        let order = try JSONDecoder().decode(WatchRequest.self, from: payload)
        try Self.renew(&limits, seconds: order.cpuSeconds)
        if order.faces == .wholeFrame {
          var centre = WholeFrameSource(framing: order.framing)
          try watch(order, file.raw, &centre, over: connection)
        } else {
          tracker.reset()
          try watch(order, file.raw, &tracker, over: connection)
        }
      case .rewrite:
        let order = try JSONDecoder().decode(RewriteRequest.self, from: payload)
        try Self.renew(&limits, seconds: order.cpuSeconds)
        try rewrite(order, file.raw, over: connection)
      case .excerpt:
        let order = try JSONDecoder().decode(ExcerptRequest.self, from: payload)
        try Self.renew(&limits, seconds: order.cpuSeconds)
        try excerpt(order, file.raw, over: connection)
      case .frame, .part, .output, .report, .failed, .picture:
        throw WorkflowError.decoder(why: "an answer came as a request")
      }
    } catch let error as MediaError {
      try connection.sendTranscode(.failed, FailureMessage(reason: error.reason.rawValue, message: "\(error)"))
    }
    try connection.end()
  }

  private static func renew(_ limits: inout ResourceLimits, seconds: Int) throws {
    limits.cpuSecondsPerFile = seconds
    try limits.renewCPUTime()
  }

  private func watch(
    _ order: WatchRequest, _ descriptor: CInt, _ source: inout some FaceSource & ~Copyable,
    over connection: borrowing WorkerConnection
  ) throws {
    let known = Dictionary(order.known.map { ($0.pts, $0.faces) }) { first, _ in first }
    _ = try VideoReader(descriptor: descriptor).forEachFrame { picture, frame, packet in
      let named = known[frame.pts]
      let faces = try named ?? source.faces(in: picture).map(\.box)
      try connection.sendTranscode(
        .frame,
        TranscodeFrame(
          packet: packet, pts: frame.pts, width: picture.width, height: picture.height, faces: faces,
          isKnown: named != nil))
      for face in faces {
        let crop = CropTransform(
          square: order.framing.square(of: face), width: picture.width, height: picture.height,
          size: order.cropSize)
        let pixels = try picture.pixels(of: crop.part).pixels
        try connection.send(WorkerMessage(kind: TranscodeMessage.Kind.part.rawValue, payload: pixels))
      }
    }
  }

  private func rewrite(_ order: RewriteRequest, _ descriptor: CInt, over connection: borrowing WorkerConnection) throws
  {
    var patches: PatchReader
    switch spool {
    case .some(let file): patches = PatchReader(file.raw)
    case nil: throw WorkflowError.decoder(why: "there are no patches to write")
    }
    let report = try VideoReader(descriptor: descriptor).rewrite(
      order.settings, patches: { try patches.patches(of: $0) },
      output: { bytes, position in
        let place = withUnsafeBytes(of: position.littleEndian) { Array($0) }
        try connection.send(WorkerMessage(kind: TranscodeMessage.Kind.output.rawValue, payload: place + bytes))
      })
    try connection.sendTranscode(.report, report)
  }
}

extension WorkerConnection {
  /// Sends `value` as JSON.
  borrowing func sendTranscode(_ kind: TranscodeMessage.Kind, _ value: some Encodable) throws {
    try send(WorkerMessage(kind: kind.rawValue, payload: Array(JSONEncoder().encode(value))))
  }
}
