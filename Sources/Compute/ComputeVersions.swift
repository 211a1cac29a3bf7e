import COneDNN
import COpenBLAS

/// The libraries that compute, and what they make of this machine's processor.
public enum ComputeVersions {
  /// By name.
  public static let libraries: [String: String] = {
    // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …"
    let words = String(cString: openblas_get_config()).split(separator: " ")
    var versions = ["OpenBLAS": words.count > 1 ? String(words[1]) : "of unknown version"]
    if let version = dnnl_version()?.pointee {
      versions["oneDNN"] = "\(version.major).\(version.minor).\(version.patch)"
    }
    return versions
  }()

  /// The best instruction set that oneDNN makes code for here.
  public static var instructionSet: String {
    let names: [(UInt32, String)] = [
      (dnnl_cpu_isa_sse41.rawValue, "SSE4.1"), (dnnl_cpu_isa_avx.rawValue, "AVX"),
      (dnnl_cpu_isa_avx2.rawValue, "AVX2"), (dnnl_cpu_isa_avx2_vnni.rawValue, "AVX2 with VNNI"),
      (dnnl_cpu_isa_avx512_core.rawValue, "AVX-512"), (dnnl_cpu_isa_avx512_core_vnni.rawValue, "AVX-512 with VNNI"),
      (dnnl_cpu_isa_avx512_core_bf16.rawValue, "AVX-512 with bfloat16"),
      (dnnl_cpu_isa_avx512_core_amx.rawValue, "AVX-512 with AMX"),
    ]
    let found = dnnl_get_effective_cpu_isa().rawValue
    return names.first { $0.0 == found }?.1 ?? "oneDNN's number \(found)"
  }

  /// Whether code that was made for the machine may be expected to be fast.
  public static var hasWideVectors: Bool {
    let least = dnnl_cpu_isa_avx2.rawValue
    return dnnl_get_effective_cpu_isa().rawValue & least == least
  }

  /// The processor for which OpenBLAS has the code that it runs here.
  public static var matrixKernels: String { String(cString: openblas_get_corename()) }

  /// Whether OpenBLAS does not know the processor and takes code for one of 2004.
  public static var hasOldMatrixKernels: Bool { hasWideVectors && matrixKernels == "Prescott" }
}

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
