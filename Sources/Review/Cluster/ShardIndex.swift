import Glibc
import Runs

/// The shard of a plan for this process to scan.
package enum ShardIndex: Sendable, Hashable {
  /// The index of this task in its job array, from the environment.
  case automatic
  case number(Int)

  /// Variables set by Slurm, Kubernetes Indexed Jobs and AWS Batch.
  static let variables = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"]

  /// - Parameter text: `auto` or a number from 0 up.
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
            + "name the index of the shard, from 0")
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
