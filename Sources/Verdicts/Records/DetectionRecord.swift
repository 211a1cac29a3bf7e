/// How steadily a video's faces are found: an attack on the network can also lose, or be meant to lose, the detector.
///
/// A gap says nothing about a face. It counts neither as real nor as fake.
public struct DetectionRecord: Sendable, Hashable, Codable {
  /// Frames that were looked at, and those of them in which a face was found.
  public let frames: Int
  public let withFaces: Int
  public let tracks: Int
  /// Stretches of frames in which a track's face is missing though it was seen before and after, and the frames in them.
  public let gaps: Int
  public let framesInGaps: Int

  /// Share of the frames with a face, 0…1; nil without frames.
  public var rate: Double? { frames > 0 ? Double(withFaces) / Double(frames) : nil }

  /// - Parameter tracksByFrame: of each frame in order of time, the tracks that are seen in it.
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

  /// Whether so many of the faces of `before` have vanished that a verdict of the rest must not clear the video: fewer
  /// than half of the frames that had a face still have one.
  public func isBlinded(since before: DetectionRecord) -> Bool {
    guard let rate, let earlier = before.rate else { return before.withFaces > 0 }
    return rate < earlier / 2
  }

  /// A verdict under attack as it may be told: what is left of a video whose faces vanished does not make it real.
  public func guarded(_ verdict: Verdict, since before: DetectionRecord) -> Verdict {
    guard isBlinded(since: before), verdict == .real else { return verdict }
    return withFaces == 0 ? .noFace : .undecided
  }
}

/// How steadily faces are found before and after an attack, by the detector that is shown each face's crop alone.
public struct DetectionChange: Sendable, Hashable, Codable {
  public let clean: DetectionRecord
  public let perturbed: DetectionRecord

  public init(clean: DetectionRecord, perturbed: DetectionRecord) {
    self.clean = clean
    self.perturbed = perturbed
  }
}
