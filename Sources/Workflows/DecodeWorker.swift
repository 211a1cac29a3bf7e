import Faces
import Foundation
import Imaging
public import Isolation
import Media

/// Serves decode requests on the connection that this process was started with, until the other side has gone.
///
/// This is the only place where FFmpeg touches a file. It sees a descriptor, never a name, and the process has given up
/// its rights before it takes the first one.
///
/// - Parameters:
///   - memoryMiB: address space that the process may use; 0 for no limit.
///   - detectorModel: ONNX file of a face detector; nil takes dlib's.
///   - layers: of the sandbox; all of them, but for tests.
public func runDecodeWorker(
  memoryMiB: Int, detectorModel: String?, sandbox layers: Set<Sandbox.Layer> = Set(Sandbox.Layer.allCases)
) throws {
  let connection = try WorkerConnection.ofThisProcess()
  let model = try detectorModel.map(DetectorFile.init)
  let limits = ResourceLimits(
    addressSpaceBytes: memoryMiB > 0 ? memoryMiB << 20 : nil, fileSizeBytes: 0, openFiles: 16)
  try limits.apply()
  var sandbox = Sandbox()
  sandbox.layers = layers
  // oneDNN, which computes YuNet, makes its code when it first sees a size.
  sandbox.allowsExecutableMemory = model != nil
  if let model {
    try serve(connection, limits, sandbox, detector: try model.detector())
  } else {
    try serve(connection, limits, sandbox, detector: try HOGFaceDetector())
  }
}

private func serve(
  _ connection: borrowing WorkerConnection, _ limits: ResourceLimits, _ sandbox: Sandbox,
  detector: consuming some FaceDetector & ~Copyable
) throws {
  var limits = limits
  var tracker = FaceTracker(detector: detector)
  var films = FilmService()
  let state = sandbox.apply()
  while var request = try connection.receive() {
    if request.message.kind == ProbeMessage.requestKind {
      try ProbeMessage.answer(state, limits, over: connection)
      continue
    }
    if let film = FilmMessage.Kind(rawValue: request.message.kind) {
      try films.answer(film, &request, tracker: &tracker, &limits, over: connection)
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
        var centre = WholeFrameSource(margin: order.margin)
        try answer(order, file.raw, faces: &centre, over: connection)
      case .detect:
        tracker.reset()
        try answer(order, file.raw, faces: &tracker, over: connection)
      }
    } catch let error as MediaError {
      try connection.send(.failed, FailureMessage(reason: error.reason.rawValue, message: "\(error)"))
    }
    try connection.end()
  }
}

/// Decodes one file and sends what is in it.
private func answer(
  _ order: DecodeRequest, _ descriptor: CInt, faces source: inout some FaceSource & ~Copyable,
  over connection: borrowing WorkerConnection
) throws {
  switch order.content {
  case .video:
    let reader = try VideoReader(descriptor: descriptor, mode: order.mode)
    try connection.send(.info, reader.info)
    let report: SampleReport
    if let places = order.places {
      let boxes = Dictionary(places.map { ($0.pts, $0.boxes) }) { first, _ in first }
      report = try reader.sample(at: Set(boxes.keys)) { picture, frame in
        // Without a detector the one face follows from the picture's size.
        let faces =
          order.faces == .wholeFrame ? try source.faces(in: picture) : knownFaces(boxes[frame.pts] ?? [])
        try send(faces, of: picture, pts: frame.pts, seconds: frame.seconds, order, over: connection)
      }
    } else {
      report = try reader.sample(order.frames, recompressed: order.recompression) { picture, frame in
        let faces = try source.faces(in: picture)
        try send(faces, of: picture, pts: frame.pts, seconds: frame.seconds, order, over: connection)
      }
    }
    try connection.send(.done, report)
  case .picture:
    let picture = try decodePicture(descriptor: descriptor)
    try send(try source.faces(in: picture), of: picture, pts: 0, seconds: 0, order, over: connection)
  }
}

/// Boxes as faces, each a track of its own.
private func knownFaces(_ boxes: [Box]) -> [TrackedFace] {
  boxes.enumerated().map { TrackedFace(trackID: $0, detection: Detection(box: $1, confidence: 0)) }
}

/// Sends one frame: its faces, then a crop for each.
private func send(
  _ faces: [TrackedFace], of picture: borrowing some Picture & ~Copyable, pts: Int64, seconds: Double,
  _ order: DecodeRequest, over connection: borrowing WorkerConnection
) throws {
  let listed = faces.map {
    FrameMessage.Face(track: $0.trackID, box: $0.detection.box, confidence: $0.detection.confidence)
  }
  try connection.send(.frame, FrameMessage(pts: pts, seconds: seconds, faces: listed))
  for face in faces {
    let crop = try picture.crop(square: face.detection.box.square(margin: order.margin), size: order.cropSize)
    try connection.send(WorkerMessage(kind: DecodeMessage.Kind.crop.rawValue, payload: crop.pixels))
  }
}
