/// Why a node cannot be imported.
struct Refusal: Error {
  var reason: String

  init(_ reason: String) { self.reason = reason }
}

/// A quantity evaluated for two batch sizes; it depends on the batch exactly where the two differ.
///
/// The importer follows every shape and every constant for both sizes, so that shape arithmetic in the file can be
/// computed at import without fixing the batch.
struct PerBatch<Value: Equatable> {
  let first: Value
  let second: Value
  let varies: Bool

  init(_ first: Value, _ second: Value) {
    self.first = first
    self.second = second
    varies = first != second
  }

  init(_ value: Value) {
    first = value
    second = value
    varies = false
  }

  /// The value, if it is the same for every batch.
  var fixed: Value? { varies ? nil : first }

  func map<Result>(_ transform: (Value) throws -> Result) rethrows -> PerBatch<Result> {
    guard varies else { return PerBatch<Result>(try transform(first)) }
    return PerBatch<Result>(try transform(first), try transform(second))
  }
}
