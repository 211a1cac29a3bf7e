import COneDNN

/// oneDNN's processor engine; there is one, it is never freed and its use is thread-safe.
enum DNNEngine {
  static func handle() throws(ComputeError) -> dnnl_engine_t {
    guard let engine = shared.engine else {
      throw .oneDNN(call: "dnnl_engine_create", status: shared.status, node: "any")
    }
    return engine
  }

  /// Immutable after its creation, as oneDNN documents of engines.
  private struct Shared: @unchecked Sendable {
    let engine: dnnl_engine_t?
    let status: Int
  }

  private static let shared: Shared = {
    var engine: dnnl_engine_t?
    let status = dnnl_engine_create(&engine, dnnl_cpu, 0)
    return Shared(engine: engine, status: Int(status.rawValue))
  }()
}

/// Turns a status of oneDNN into an error that names the call and the layer.
func check(_ status: dnnl_status_t, _ call: String, node: String) throws(ComputeError) {
  guard status == dnnl_success else {
    throw .oneDNN(call: call, status: Int(status.rawValue), node: node)
  }
}
