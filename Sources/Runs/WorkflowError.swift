package import Files
import Ledger
import Pipeline
import Verdicts

/// Why a command failed; the text states the remedy.
package enum WorkflowError: Error, CustomStringConvertible {
  /// Another run uses the output folder or the ledger.
  case locked(path: String)
  /// The output cannot be written.
  case output(path: String, why: String)
  /// An input cannot be used.
  case input(path: String, why: String)
  /// The model file cannot be used.
  case model(path: String, why: String)
  /// No decoder process could be started.
  case decoder(why: String)
  /// The command line cannot work here, however often it is tried.
  case usage(String)
  /// The settings are invalid or conflict with the data.
  case settings(String)
  /// The ledger cannot be used.
  case ledger(why: String, isBusy: Bool)
  /// The manifests cannot be written.
  case manifest(why: String)
  /// Too few known fakes were found.
  case canaries(String)
  /// Training failed.
  case training(String)
  /// A signal ended the run before it had a result; `rest` says what that means.
  case interrupted(signal: Int32, rest: String)

  package init(_ error: FilesError) { self = .output(path: error.path, why: error.reason) }

  package var description: String {
    switch self {
    case .locked(let path):
      "another run is using \(path): wait for it, or choose another folder with -o and another ledger with --ledger"
    case .output(let path, let why): "cannot write \(path): \(why)"
    case .input(let path, let why): "cannot use \(path): \(why)"
    case .model(let path, let why): "cannot use the model \(path): \(why)"
    case .decoder(let why): "no decoder process can be started: \(why)"
    case .interrupted(_, let rest): "interrupted: \(rest)"
    case .usage(let what), .settings(let what), .training(let what), .ledger(let what, _), .manifest(let what),
      .canaries(let what):
      what
    }
  }

  /// What the process exits with: 75 asks the caller to try again later, 64 says that trying again is of no use, 2 that
  /// the run failed, 128 and the number of the signal that it was interrupted.
  package var exitCode: Int32 {
    switch self {
    case .locked, .ledger(_, isBusy: true): 75
    case .usage: 64
    case .interrupted(let signal, _): 128 + signal
    default: 2
    }
  }

  /// Converts an error of another target into the error of the command.
  package static func explaining(_ error: any Error) -> any Error {
    switch error {
    case let fault as RunFault: explaining(fault.error)
    case let error as LedgerError:
      if case .busy = error {
        WorkflowError.ledger(why: "\(error)", isBusy: true)
      } else {
        WorkflowError.ledger(why: "\(error)", isBusy: false)
      }
    case let error as VerdictsError: WorkflowError.manifest(why: "\(error)")
    case let error as FilesError: WorkflowError(error)
    default: error
    }
  }
}
