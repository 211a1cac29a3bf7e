import Ledger
import Testing
import Verdicts

@Suite("Ledger")
struct LedgerTests {
  private typealias Example = LedgerExamples
  private let ledger: Ledger
  /// A name that is no UTF-8.
  private let path = VideoPath([0x64, 0x2F, 0xFF, 0x0A])

  init() throws { ledger = try Ledger.inMemory() }

  private func keptPaths(_ run: LedgerRun) throws -> [VideoPath] {
    var paths: [VideoPath] = []
    try ledger.forEachKeptRow(of: run) { paths.append(try ManifestJSON.record(line: $0, file: "").source.path) }
    return paths
  }

  @Test("a row is found again by its path's exact bytes, with the file that it is about")
  func roundTrip() throws {
    let run = try Example.run(ledger)
    #expect(try ledger.video(at: path.bytes, for: Example.key) == nil)
    try ledger.record(Example.record(path), identity: Example.identity(), openedAt: Example.time(900), in: run)
    let known = try #require(try ledger.video(at: path.bytes, for: Example.key))
    #expect(known.identity == Example.identity())
    #expect(known.row?.openedAt == 900_000_000_000)
    #expect(known.row == known.latest && known.row?.reason == nil && known.failures == 0)
    #expect(try ledger.video(at: [0x64, 0x2F, 0xFE, 0x0A], for: Example.key) == nil)
  }

  @Test("each model has its own row; a changed file or content drops those of the others")
  func keys() throws {
    let first = try Example.run(ledger)
    try ledger.record(Example.record(path), identity: Example.identity(), openedAt: Example.time(900), in: first)
    let second = try Example.run(ledger, Example.otherModel)
    #expect(try ledger.video(at: path.bytes, for: Example.otherModel)?.row == nil)
    try ledger.record(Example.record(path), identity: Example.identity(), openedAt: Example.time(950), in: second)
    #expect(try ledger.video(at: path.bytes, for: Example.key)?.row?.openedAt == 900_000_000_000)
    #expect(try ledger.video(at: path.bytes, for: Example.key)?.latest.openedAt == 950_000_000_000)

    // The same times, another content: written within one tick of the clock.
    try ledger.record(
      Example.record(path, sha256: "bb"), identity: Example.identity(), openedAt: Example.time(960), in: second)
    #expect(try ledger.video(at: path.bytes, for: Example.key)?.row == nil)
    try ledger.record(
      Example.record(path, sha256: "bb"), identity: Example.identity(), openedAt: Example.time(960), in: first)
    try ledger.record(
      Example.record(path, sha256: "bb"), identity: Example.identity(inode: 8), openedAt: Example.time(970), in: second)
    #expect(try ledger.video(at: path.bytes, for: Example.key)?.row == nil)
  }

  @Test("a run lists the rows that it kept, sorted, and not those that it made or that others kept")
  func kept() throws {
    let first = try Example.run(ledger)
    for name in ["d/b", "d/a", "d/c"] as [VideoPath] {
      try ledger.record(Example.record(name), identity: Example.identity(), openedAt: Example.time(900), in: first)
    }
    #expect(try keptPaths(first) == [])
    let second = try Example.run(ledger)
    for name in ["d/b", "d/a"] as [VideoPath] {
      let known = try #require(try ledger.video(at: name.bytes, for: Example.key))
      try ledger.keep([(known, known.latest)], in: second)
    }
    try ledger.record(Example.record("d/new"), identity: nil, openedAt: Example.time(900), in: second)
    #expect(try keptPaths(second) == ["d/a", "d/b"])
    #expect(try keptPaths(first) == [])
  }

  @Test("failures are counted in a row, from one for another version or file, and forgotten with a verdict")
  func failures() throws {
    func fail(_ run: LedgerRun, _ identity: FileIdentity = Example.identity()) throws -> Int? {
      try ledger.record(
        Example.failed(path, .crashed), identity: identity, openedAt: Example.time(900), in: run)
      return try ledger.video(at: path.bytes, for: Example.key)?.failures
    }
    let run = try Example.run(ledger)
    #expect(try [fail(run), fail(run), fail(run)] == [1, 2, 3])
    let newer = try Example.run(ledger, version: "2")
    #expect(try [fail(newer), fail(newer)] == [1, 2])
    #expect(try fail(newer, Example.identity(inode: 8)) == 1)
    try ledger.record(
      Example.record(path), identity: Example.identity(inode: 8), openedAt: Example.time(900), in: newer)
    #expect(try ledger.video(at: path.bytes, for: Example.key)?.failures == 0)
  }

  @Test("a folder's videos are counted and forgotten without its namesakes")
  func below() throws {
    let run = try Example.run(ledger)
    for name in ["d/a", "d/e/a", "d.mp4", "d0", "da/a", "d"] as [VideoPath] {
      try ledger.record(Example.record(name), identity: nil, openedAt: Example.time(900), in: run)
    }
    #expect(try ledger.videoCount(below: VideoPath("d").bytes) == 2)
    #expect(try ledger.videoCount(below: VideoPath("d/").bytes) == 2)
    #expect(try ledger.videoCount(below: VideoPath("/").bytes) == 0)
    try ledger.forget(below: VideoPath("d").bytes)
    #expect(try ledger.videoCount(below: VideoPath("d").bytes) == 0)
    #expect(try ledger.video(at: VideoPath("da/a").bytes, for: Example.key) != nil)
  }

  @Test("only complete runs count as success")
  func runs() throws {
    #expect(try ledger.lastCompleteRun() == nil)
    let killed = try Example.run(ledger)
    let stopped = try Example.run(ledger)
    try ledger.finish(stopped, at: Example.time(3000), isComplete: false, newlyScanned: RunDistribution())
    #expect(try ledger.lastCompleteRun() == nil)
    try ledger.finish(killed, at: Example.time(2000), isComplete: true, newlyScanned: RunDistribution())
    #expect(try ledger.lastCompleteRun() == Example.time(2000))
  }

  @Test("ended runs are listed with what they scanned, the newest last")
  func endedRuns() throws {
    var distribution = RunDistribution()
    distribution.add(Example.record("a"))
    _ = try Example.run(ledger)
    for index in 1...3 {
      let run = try Example.run(ledger, index == 2 ? Example.otherModel : Example.key)
      try ledger.finish(
        run, at: Example.time(Int64(index) * 1000), isComplete: index > 1,
        newlyScanned: index == 3 ? distribution : RunDistribution())
    }
    let runs = try ledger.runs(last: nil)
    #expect(runs.map(\.finishedAt) == [1, 2, 3].map { Example.time($0 * 1000) })
    #expect(runs.map(\.isComplete) == [false, true, true])
    #expect(runs.map(\.key) == [Example.key, Example.otherModel, Example.key])
    #expect(runs.last?.newlyScanned == distribution)
    #expect(try ledger.runs(last: 1) == [runs[2]])
  }

  @Test(
    "a file as new as the scan is not trusted, within the coarsest tick of a clock",
    arguments: [(100, 103, false), (100, 102, false), (100, 101, true), (100, 100, true), (100, 50, true)])
  func asNew(modified: Int64, opened: Int64, expected: Bool) {
    let identity = Example.identity(modified: modified)
    #expect(identity.isAsNew(asScanAt: opened * 1_000_000_000) == expected)
  }

  @Test("a time at the end of all times does not overflow")
  func latestTime() {
    let identity = FileIdentity(device: 0, inode: 0, sizeBytes: 0, modifiedNanoseconds: .max, changedNanoseconds: 0)
    #expect(identity.isAsNew(asScanAt: .max))
  }
}
