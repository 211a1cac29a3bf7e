import Delivery
import Foundation
import Ledger
import Runs
import Verdicts

/// Delivers the outbox messages to a receiver in order; each is retried until it is accepted, refused or out of
/// attempts. A receiver that does not exist is not tried again.
struct Courier {
  let ledger: Ledger
  let receiver: String
  let backOff: BackOff
  /// Number of consecutive undeliverable messages after which the receiver counts as down.
  let patience: Int
  let attempt: (Parcel) throws -> DeliveryOutcome
  var sleep: (Double) -> Void = { Thread.sleep(forTimeInterval: $0) }

  func deliverAll() throws -> ExportSummary {
    var summary = ExportSummary()
    var unfinished = 0
    var last: Parcel?
    delivery: while unfinished < patience, let parcel = try ledger.undelivered(after: last, for: receiver) {
      last = parcel
      switch try deliver(parcel) {
      case .accepted:
        try ledger.markDelivered(parcel, at: .now)
        summary.delivered += parcel.videos
        unfinished = 0
      case .refused(let why):
        summary.refused += parcel.videos
        summary.trouble = "refused: \(why)"
        unfinished = 0
      case .unfinished(let why, _):
        summary.trouble = why
        unfinished += 1
      case .absent(let why):
        summary.trouble = why
        break delivery
      }
    }
    summary.waiting = try ledger.waiting(for: receiver).videos
    return summary
  }

  private func deliver(_ parcel: Parcel) throws -> DeliveryOutcome {
    var failures = 0
    while true {
      let outcome = try attempt(parcel)
      switch outcome {
      case .accepted: return outcome
      case .refused(let why), .absent(let why):
        try ledger.markFailed(parcel, why: why)
        return outcome
      case .unfinished(let why, let asked):
        try ledger.markFailed(parcel, why: why)
        failures += 1
        guard let wait = backOff.wait(after: failures, asked: asked) else { return outcome }
        sleep(wait)
      }
    }
  }
}
