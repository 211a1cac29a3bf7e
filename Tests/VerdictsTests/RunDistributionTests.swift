import Testing

@testable import Verdicts

@Suite("Distribution of a run")
struct RunDistributionTests {
  @Test("counts verdicts, tenths of the score, containers and codecs")
  func counts() throws {
    var distribution = RunDistribution()
    for record in try Examples.all() { distribution.add(record) }
    let records = try Examples.all()
    #expect(distribution.videos == records.count)
    #expect(distribution.scoreTenths.reduce(0, +) == records.count { $0.finding.score != nil })
    for verdict in Verdict.allCases {
      #expect(distribution.count(verdict) == records.count { $0.finding.verdict == verdict })
    }
    var twice = distribution
    twice.add(distribution)
    #expect(twice.videos == 2 * records.count && twice.scoreTenths == distribution.scoreTenths.map { 2 * $0 })
  }

  @Test("files may claim any number of formats: a hundred are counted apart")
  func names() {
    var distribution = RunDistribution()
    for index in 0..<250 {
      var record = Examples.noFace("a")
      record.content.container = "format \(index)"
      record.content.codec = "h264"
      distribution.add(record)
    }
    #expect(distribution.containers.count == 101 && distribution.containers["other"] == 150)
    #expect(distribution.codecs == ["h264": 250])
  }
}
