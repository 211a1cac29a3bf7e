@testable import Media

/// What the reader delivers of a video: times and digests of frames, and the report.
struct SampledVideo {
  struct Sample {
    var frame: SampledFrame
    /// MD5 of the planes.
    var digest: String
  }

  let info: VideoInfo
  private(set) var samples: [Sample] = []
  let report: SampleReport

  init(
    _ path: String, count: Int, mode: DecodeMode = .exact, limits: DecodeLimits = DecodeLimits()
  ) throws {
    var samples: [Sample] = []
    (info, report) = try withDescriptor(path) { descriptor in
      let reader = try VideoReader(descriptor: descriptor, limits: limits, mode: mode)
      let report = try reader.sample(count) { picture, frame in
        samples.append(Sample(frame: frame, digest: try picture.planeDigest()))
      }
      return (reader.info, report)
    }
    self.samples = samples
  }
}
