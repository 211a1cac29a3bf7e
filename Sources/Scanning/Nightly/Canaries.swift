import Attacks
import Decoder
import Foundation
import Media
import Runs
import Scoring
import Verdicts

/// Settings for canaries: known fakes mixed into a scan to verify that it still detects them.
package struct CanaryOptions: Sendable {
  /// Folder of videos, all of them fake.
  package var folder: String
  /// Minimum fraction of plain and recompressed canaries that must be judged fake; nil for none.
  package var floor: Double?

  package init(folder: String, floor: Double? = nil) {
    self.folder = folder
    self.floor = floor
  }
}

/// The canaries of a run: each video in each guise, interleaved with the other videos.
struct Canaries: Sendable {
  static let recompression = Recompression(crf: 30)
  static let epsilon: Float = 1 / 255
  static let attack = ProjectedGradient.pgd(.linf, steps: 10)

  /// Videos of the scan between two canaries.
  private static let spacing = 4

  let floor: Double?
  private(set) var waiting: [(path: [UInt8], guise: CanaryGuise)]
  private var sinceLast = 0

  static let none = Canaries()

  private init() {
    floor = nil
    waiting = []
  }

  /// - Parameter inputs: inputs of the scan.
  /// - Throws: `WorkflowError` when there is no video, or a canary would be scanned as one of the inputs.
  init(_ options: CanaryOptions, inputs: [[UInt8]], followSymlinks: Bool) throws(WorkflowError) {
    let folder = Array(options.folder.utf8)
    let real = InputWalk.realPath(folder) ?? folder
    for input in inputs {
      let other = InputWalk.realPath(input) ?? input
      guard !Self.contains(other, real), !Self.contains(real, other) else {
        throw .settings(
          "the canaries in \(options.folder) and the input \(String(decoding: input, as: UTF8.self)) overlap: keep known "
            + "fakes apart, or they end in the moderation queue")
      }
    }
    floor = options.floor
    waiting = []
    let paths = VideoSearch(inputs: [folder], followSymlinks: followSymlinks).all().paths
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: options.folder, isDirectory: &isFolder), isFolder.boolValue,
      !paths.isEmpty
    else {
      throw .input(path: options.folder, why: "there is no video in it that could be a canary")
    }
    waiting = CanaryGuise.allCases.flatMap { guise in paths.map { ($0, guise) } }
  }

  /// Removes and returns the canary due before the scan's next video, if any.
  mutating func next() -> (path: [UInt8], guise: CanaryGuise)? {
    sinceLast += 1
    guard sinceLast >= Self.spacing, !waiting.isEmpty else { return nil }
    sinceLast = 0
    return waiting.removeFirst()
  }

  private static func contains(_ folder: [UInt8], _ path: [UInt8]) -> Bool {
    let slash = UInt8(ascii: "/")
    return path == folder || path.starts(with: folder.last == slash ? folder : folder + [slash])
  }
}

extension ScanPlan {
  /// The row of a canary.
  func canaryRecord(of video: ScoredVideo, in guise: CanaryGuise) -> CanaryRecord {
    let tracks = [video] + video.otherTracks
    let records = tracks.map { track in
      var track = track
      if guise == .perturbed, track.perturbed.count == track.logits.count {
        track.logits = track.perturbed.map(\.logit)
      }
      return VideoRecord(
        track, judge: judge, context: context, framesAsked: request.frames, warnings: warnings)
    }
    return CanaryRecord(
      guise: guise, video: VideoRecord(mostSuspiciousOf: records, tracks: tracks.map(\.file)))
  }
}
