package import Files
package import FoundationEssentials

/// Writes a file of a command's output, whole or not at all.
package func writeOutput(_ bytes: some ContiguousBytes, to path: String) throws(WorkflowError) {
  do { try AtomicFile.write(bytes, to: path) } catch { throw WorkflowError(error) }
}

/// Writes a text file of a command's output, whole or not at all.
package func writeOutput(_ text: String, to path: String) throws(WorkflowError) {
  do { try AtomicFile.write(text, to: path) } catch { throw WorkflowError(error) }
}

/// Makes a folder of a command's output, with those above it that are missing.
package func makeOutputFolder(_ path: String) throws(WorkflowError) {
  do { try OutputFolder.create(path) } catch { throw WorkflowError(error) }
}

/// Opens the log of a command, or starts it.
package func openLog<Line>(_ path: String) throws(WorkflowError) -> LineLog<Line> {
  do { return try LineLog(path: path) } catch { throw WorkflowError(error) }
}

extension LineLog {
  /// `append` with the error of a command.
  package func record(_ line: Line) throws(WorkflowError) {
    do {
      try append(line)
    } catch let error as FilesError {
      throw WorkflowError(error)
    } catch {
      throw .output(path: path, why: explanation(of: error))
    }
  }
}
