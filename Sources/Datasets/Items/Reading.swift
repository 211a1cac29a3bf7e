/// What a reader found: the items in a stable order and what is wrong with the data.
public struct Reading: Sendable {
  public var items: [LabelledItem]
  public var problems: [DatasetProblem]

  public init(items: [LabelledItem] = [], problems: [DatasetProblem] = []) {
    self.items = items
    self.problems = problems
  }

  public mutating func append(_ other: Reading) {
    items += other.items
    problems += other.problems
  }
}
