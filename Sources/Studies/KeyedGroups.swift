/// Records grouped by key, with keys in order of first appearance.
struct KeyedGroups<Key: Hashable> {
  private(set) var keys: [Key] = []
  private var values: [Key: [StudyRecord]] = [:]

  init(_ records: [StudyRecord], by key: (StudyRecord) -> Key) {
    for record in records {
      let key = key(record)
      if values[key] == nil { keys.append(key) }
      values[key, default: []].append(record)
    }
  }

  subscript(key: Key) -> [StudyRecord] { values[key] ?? [] }
}
