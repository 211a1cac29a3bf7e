import Glibc
import Runs

/// Which shard of a plan this process is to scan.
package enum ShardIndex: Sendable, Hashable {
  /// The place of this element in its job array, as the cluster engine says it.
  case automatic
  case number(Int)

  /// Where Slurm, a Kubernetes Indexed Job and AWS Batch say it.
  static let variables = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"]

  /// - Parameter text: `auto` or a number from 0 on.
  package init?(_ text: String) {
    if text == "auto" {
      self = .automatic
    } else if let number = Int(text), number >= 0 {
      self = .number(number)
    } else {
      return nil
    }
  }

  /// - Throws: `WorkflowError.usage` when no engine says it, or the plan has no such shard.
  func resolved(
    shards: Int, environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }
  ) throws(WorkflowError) -> Int {
    let index: Int
    switch self {
    case .number(let number): index = number
    case .automatic:
      guard let name = Self.variables.first(where: { environment($0) != nil }), let text = environment(name) else {
        throw .usage(
          "--shard auto needs a job array that sets one of \(Self.variables.joined(separator: ", ")): "
            + "name the shard, from 0 on")
      }
      guard let number = Int(text) else { throw .usage("\(name) is '\(text)', not a number") }
      index = number
    }
    guard (0..<shards).contains(index) else {
      throw .usage("the plan has the shards 0 to \(shards - 1), not \(index)")
    }
    return index
  }
}
