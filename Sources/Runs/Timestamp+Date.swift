package import Foundation
package import Verdicts

extension Timestamp {
  package static var now: Timestamp { Timestamp(Date()) }

  package init(_ date: Date) {
    self.init(nanosecondsSinceEpoch: Int64(date.timeIntervalSince1970 * 1e6) * 1000)
  }
}
