/// Why a report cannot be made.
public enum ReportsError: Error, Hashable {
  case template(reason: String)
}

extension ReportsError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .template(let reason): "the report's template cannot be used: \(reason)"
    }
  }
}
