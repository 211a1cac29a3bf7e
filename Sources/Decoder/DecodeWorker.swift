package import Faces
import Foundation
import Imaging
package import Isolation
import Media
import Runs

/// Serves decode requests on the connection that this process was started with, until the other side has gone.
///
/// This is the only place where FFmpeg touches a file. It sees a descriptor, never a name, and the process has given up
/// its rights before it takes the first one.
///
/// - Parameters:
///   - memoryMiB: address space that the process may use; 0 for no limit.
///   - choice: the face detector; `wholeFrame` requests do without.
///   - layers: of the sandbox; all of them, but for tests.
package func runDecodeWorker(
  memoryMiB: Int, detector choice: FaceDetectorChoice, sandbox layers: Set<Sandbox.Layer> = Set(Sandbox.Layer.allCases)
) throws {
  let connection = try WorkerConnection.ofThisProcess()
  let model = try choice.load()
  let limits = ResourceLimits(
    addressSpaceBytes: memoryMiB > 0 ? memoryMiB << 20 : nil, fileSizeBytes: 0, openFiles: 16)
  try limits.apply()
  var sandbox = Sandbox()
  sandbox.layers = layers
  try serve(connection, limits, sandbox, detector: try model.make())
}

/// CPU time for a look at the beginning of a file.
private let contentSeconds = 30

private func serve(
  _ connection: borrowing WorkerConnection, _ limits: ResourceLimits, _ sandbox: Sandbox,
  detector: AnyFaceDetector
) throws {
  var limits = limits
  var tracker = FaceTracker(detector: detector)
  var transcoder = TranscodeService()
  let state = sandbox.apply()
  while var request = try connection.receive() {
    if request.message.kind == ProbeMessage.requestKind {
      try ProbeMessage.answer(state, limits, over: connection)
      continue
    }
    if request.message.kind == ContentMessage.requestKind {
      guard let file = request.takeDescriptor() else {
        throw WorkflowError.decoder(why: "a request came without a file")
      }
      limits.cpuSecondsPerFile = contentSeconds
      try limits.renewCPUTime()
      try ContentMessage.answer(file.raw, over: connection)
      continue
    }
    if let kind = TranscodeMessage.Kind(rawValue: request.message.kind) {
      try transcoder.answer(kind, &request, tracker: &tracker, &limits, over: connection)
      continue
    }
    let order = try JSONDecoder().decode(DecodeRequest.self, from: Data(request.message.payload))
    guard let file = request.takeDescriptor() else {
      throw WorkflowError.decoder(why: "a request came without a file")
    }
    limits.cpuSecondsPerFile = order.cpuSeconds
    try limits.renewCPUTime()
    do {
      switch order.faces {
      case .wholeFrame:
        var centre = WholeFrameSource(framing: order.framing)
        try answer(order, file.raw, faces: &centre, over: connection)
      case .wholePicture:
        var enclosing = WholeFrameSource(framing: order.framing, isEnclosing: true)
        try answer(order, file.raw, faces: &enclosing, over: connection)
      case .detect:
        tracker.reset()
        try answer(order, file.raw, faces: &tracker, over: connection)
      case .recut:
        let picture = try decodePicture(descriptor: file.raw)
        let face = try tracker.face(ofCrop: picture, usual: order.usualFace ?? UsualFace.assumed)
        try send([face], of: picture, pts: 0, seconds: 0, order, over: connection)
      }
    } catch let error as MediaError {
      try connection.send(.failed, FailureMessage(reason: error.reason.rawValue, message: "\(error)"))
    }
    try connection.end()
  }
}

/// Decodes one file and sends its frames and crops.
private func answer(
  _ order: DecodeRequest, _ descriptor: CInt, faces source: inout some FaceSource & ~Copyable,
  over connection: borrowing WorkerConnection
) throws {
  switch order.content {
  case .video:
    guard order.everyTrack else {
      let reader = try VideoReader(descriptor: descriptor, mode: order.mode, track: order.track)
      return try answer(order, reader, faces: &source, over: connection)
    }
    try answerEveryTrack(order, descriptor, faces: &source, over: connection)
  case .picture:
    let picture = try decodePicture(descriptor: descriptor)
    let faces = try source.faces(in: picture)
    try send(faces, of: picture, pts: 0, seconds: 0, order, over: connection)
  }
}

/// Most video tracks of a file that are looked at.
private let mostTracks = 8

/// Decodes the track that players show, then all others.
private func answerEveryTrack(
  _ order: DecodeRequest, _ descriptor: CInt, faces source: inout some FaceSource & ~Copyable,
  over connection: borrowing WorkerConnection
) throws {
  var tracks: [VideoTrack] = []
  var first: VideoTrack?
  var firstIsStill = false
  do {
    let reader = try VideoReader(descriptor: descriptor, mode: order.mode)
    tracks = reader.tracks
    first = reader.track
    firstIsStill = reader.info.frameCount == 1
    if tracks.count > 1 { try connection.send(.track, TrackMessage(track: reader.track)) }
    try answer(order, reader, faces: &source, over: connection)
  } catch let error as MediaError {
    if first == nil {
      // Where even the list of tracks cannot be read, there is nothing but the error.
      tracks = (try? VideoTrack.all(in: descriptor)) ?? []
      first = tracks.first
      if let first, tracks.count > 1 { try connection.send(.track, TrackMessage(track: first)) }
    }
    guard tracks.count > 1 else { throw error }
    try connection.send(.failed, FailureMessage(reason: error.reason.rawValue, message: "\(error)"))
  }
  for (place, track) in tracks.filter({ $0 != first }).enumerated() {
    var message = TrackMessage(track: track)
    guard place + 1 < mostTracks else {
      message.omission = .limit
      try connection.send(.track, message)
      continue
    }
    source.reset()
    var isAnnounced = false
    do {
      let reader = try VideoReader(descriptor: descriptor, mode: order.mode, track: track.stream)
      if reader.info.frameCount == 1, !firstIsStill { message.omission = .still }
      try connection.send(.track, message)
      isAnnounced = true
      if message.omission == nil { try answer(order, reader, faces: &source, over: connection) }
    } catch let error as MediaError {
      if !isAnnounced { try connection.send(.track, message) }
      try connection.send(
        .failed, FailureMessage(reason: error.reason.rawValue, message: "\(error)"))
    }
  }
}

/// Decodes one track of a file and sends its frames and crops.
private func answer(
  _ order: DecodeRequest, _ reader: borrowing VideoReader,
  faces source: inout some FaceSource & ~Copyable,
  over connection: borrowing WorkerConnection
) throws {
  try connection.send(.info, reader.info)
  if let known = order.known {
    let report = try answer(known, reader, order, faces: &source, over: connection)
    return try connection.send(.done, report)
  }
  let report = try reader.sample(order.frames, recompressed: order.recompression) {
    picture, frame in
    let faces = try source.faces(in: picture)
    try send(faces, of: picture, pts: frame.pts, seconds: frame.seconds, order, over: connection)
  }
  try connection.send(.done, report)
}

/// Sends the frames and faces found by an earlier scan.
private func answer(
  _ known: [DecodeRequest.KnownFrame], _ reader: borrowing VideoReader, _ order: DecodeRequest,
  faces source: inout some FaceSource & ~Copyable, over connection: borrowing WorkerConnection
) throws -> SampleReport {
  // If frames share a timestamp, as in damaged videos, the first one counts.
  var waiting = Dictionary(known.map { ($0.pts, $0.faces) }) { first, _ in first }
  let times = Set(waiting.keys)
  return try reader.forEachFrame(where: { times.contains($0) }) { picture, frame, _ in
    guard var faces = waiting.removeValue(forKey: frame.pts) else { return }
    // For whole frames, the face box follows from the picture's size.
    if order.faces == .wholeFrame { faces = try source.faces(in: picture) }
    try send(faces, of: picture, pts: frame.pts, seconds: frame.seconds, order, over: connection)
  }
}

/// Sends one frame: its faces, then one crop per face.
private func send(
  _ faces: [TrackedFace], of picture: borrowing some Picture & ~Copyable, pts: Int64, seconds: Double,
  _ order: DecodeRequest, over connection: borrowing WorkerConnection
) throws {
  let floor = order.faces == .detect && order.known == nil ? order.qualityFloor : nil
  var message = FrameMessage(pts: pts, seconds: seconds, faces: [])
  var crops: [[UInt8]] = []
  for face in faces {
    let crop = try picture.crop(square: order.framing.square(of: face.box), size: order.cropSize)
    if let floor, !floor.admits(FaceQuality(of: crop, box: face.box)) {
      message.lowQuality += 1
    } else {
      message.faces.append(face)
      crops.append(crop.pixels)
    }
  }
  try connection.send(.frame, message)
  for crop in crops { try connection.send(WorkerMessage(kind: DecodeMessage.Kind.crop.rawValue, payload: crop)) }
}
