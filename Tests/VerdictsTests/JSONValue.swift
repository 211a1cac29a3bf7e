/// Any JSON, for looking at what was written without the code that wrote it.
enum JSONValue: Hashable, Decodable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {  // Here and below: another type comes next.
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  /// Of an object, sorted.
  var keys: [String] {
    guard case .object(let members) = self else { return [] }
    return members.keys.sorted()
  }

  /// Of a schema: the root (`#`) and every definition (`#/$defs/NAME`) with the names of its properties.
  var objectSchemas: [(path: String, keys: [String])] {
    guard case .object(let definitions) = self["$defs"] else { return [] }
    return [("#", self["properties"]?.keys ?? [])]
      + definitions.map { ("#/$defs/\($0.key)", $0.value["properties"]?.keys ?? []) }
  }
}
