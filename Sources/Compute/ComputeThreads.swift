import COneDNN
import COpenBLAS

/// How many threads the C libraries may use.
///
/// Assay runs one single-threaded worker per core, which beats the libraries' own threads. oneDNN counts per calling
/// thread (an OpenMP setting), so the call belongs at the start of every piece of work; it costs nanoseconds.
public enum ComputeThreads {
  /// oneDNN kernels made or run by the calling thread use that thread alone; so does OpenBLAS, in the whole process.
  public static func useCallingThreadOnly() {
    omp_set_num_threads(1)
    _ = openBLASOnce
  }

  private static let openBLASOnce: Void = openblas_set_num_threads(1)
}
