/// Stability of face detection in a video: an attack on the network may also, by design or not, defeat face detection.
///
/// A gap carries no information about the face: it counts neither as real nor as fake.
public struct DetectionRecord: Sendable, Hashable, Codable {
  /// Number of examined frames, and of those with a face.
  public let frames: Int
  public let withFaces: Int
  public let tracks: Int
  /// Number of intervals in which a track's face is missing but was present before and after, and of frames in them.
  public let gaps: Int
  public let framesInGaps: Int

  /// Fraction of the frames with a face, 0…1; nil without frames.
  public var rate: Double? { frames > 0 ? Double(withFaces) / Double(frames) : nil }

  /// - Parameter tracksByFrame: for each frame in order of time, the tracks present in it.
  public init(tracksByFrame: [Set<Int>]) {
    frames = tracksByFrame.count
    withFaces = tracksByFrame.count { !$0.isEmpty }
    var sightings: [Int: [Int]] = [:]
    for (frame, tracks) in tracksByFrame.enumerated() {
      for track in tracks { sightings[track, default: []].append(frame) }
    }
    tracks = sightings.count
    var (gaps, framesInGaps) = (0, 0)
    for seen in sightings.values {
      for (before, after) in zip(seen, seen.dropFirst()) where after > before + 1 {
        gaps += 1
        framesInGaps += after - before - 1
      }
    }
    (self.gaps, self.framesInGaps) = (gaps, framesInGaps)
  }

  /// Whether so many faces of `before` have vanished that a verdict on the rest must not clear the video: fewer than
  /// half of the frames that had a face still have one.
  public func isBlinded(since before: DetectionRecord) -> Bool {
    guard let rate, let earlier = before.rate else { return before.withFaces > 0 }
    return rate < earlier / 2
  }

  /// The reportable verdict under attack: if most faces vanished, the remaining ones cannot make the video real.
  public func guarded(_ verdict: Verdict, since before: DetectionRecord) -> Verdict {
    guard isBlinded(since: before), verdict == .real else { return verdict }
    return withFaces == 0 ? .noFace : .undecided
  }
}

/// Face detection before and after an attack; the face detector sees each face's crop alone.
public struct DetectionChange: Sendable, Hashable, Codable {
  public let clean: DetectionRecord
  public let perturbed: DetectionRecord

  public init(clean: DetectionRecord, perturbed: DetectionRecord) {
    self.clean = clean
    self.perturbed = perturbed
  }
}
