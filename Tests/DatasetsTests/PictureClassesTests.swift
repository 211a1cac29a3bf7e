import Datasets
import TestSupport
import Testing

@Suite("Pictures of two classes")
struct PictureClassesTests {
  private func classes(_ files: [String], in folders: [String] = [""]) throws -> PictureClasses {
    let tree = try FileTree(Dictionary(files.map { ($0, "") }) { $1 })
    return try withExtendedLifetime(tree) { try PictureClasses(folders.map { "\(tree.path)/\($0)" }) }
  }

  @Test("classes are the folders that contain the pictures; the first in alphabetical order is negative")
  func nested() throws {
    let classes = try classes([
      "train/NORMAL/a.png", "train/PNEUMONIA/b.jpeg", "test/NORMAL/c.png", "test/PNEUMONIA/a.png",
      "train/NORMAL/notes.txt",
    ])
    #expect(classes.negative == "NORMAL" && classes.positive == "PNEUMONIA")
    #expect(classes.items.map(\.label) == [.real, .fake, .real, .fake])
    #expect(classes.items.allSatisfy { ($0.method == "PNEUMONIA") == ($0.label == .fake) && $0.kind == .picture })
    // One name in both classes is one source.
    #expect(classes.items.map(\.group) == ["c", "a", "a", "b"])
  }

  @Test("folders real and fake are labelled by name, and two given folders by their order")
  func order() throws {
    let files = ["fake/a.png", "real/b.png"]
    #expect(try classes(files).positive == "fake")
    let named = try classes(files, in: ["fake", "real"])
    #expect(named.positive == "real" && named.items.map(\.label) == [.real, .fake])
  }

  @Test(
    "any number of classes but two is refused",
    arguments: [
      (["a/1.png"], "pictures in a"), (["a/1.png", "b/1.png", "c/1.png"], "pictures in a, b, c"),
      (["a/1.txt"], "no pictures"),
    ])
  func refusals(files: [String], message: String) throws {
    let error = #expect(throws: DatasetsError.self) { try classes(files) }
    #expect(error?.description.contains(message) == true, "\(error.map { "\($0)" } ?? "")")
  }
}
