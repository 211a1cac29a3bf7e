import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite("Readers of labelled data")
struct ReaderTests {
  @Test("DFDC: a fake's group is its original")
  func dfdc() throws {
    let folder = try FileTree([
      "metadata.json": """
      {"a.mp4": {"label": "FAKE", "split": "train", "original": "b.mp4"}, "b.mp4": {"label": "REAL", "split": "train"},
       "c.mp4": {"label": "maybe"}}
      """,
      "a.mp4": "a", "b.mp4": "b", "stray.mp4": "s",
    ])
    let reading = try LabelledData.read([folder.path])
    #expect(reading.items.map(\.label) == [.fake, .real])
    #expect(reading.items.map(\.group) == ["dfdc:b", "dfdc:b"])
    #expect(reading.items.map(\.method) == ["dfdc", "real"])
    #expect(reading.problems.map(\.kind) == [.unknownLabel, .unknownLabel])
    #expect(
      reading.problems.map { $0.subject.hasSuffix("c.mp4") || $0.subject.hasSuffix("stray.mp4") } == [true, true])
  }

  @Test(
    "FaceForensics++ trees under both sets of folder names",
    arguments: [
      ("original_sequences", "manipulated_sequences"), ("original", "manipulate"),
    ])
  func tree(_ originals: String, _ manipulations: String) throws {
    let folder = try FileTree([
      "\(originals)/youtube/c23/videos/183.mp4": "", "\(originals)/actors/c23/videos/03__podium_speech.mp4": "",
      "\(manipulations)/Deepfakes/c23/videos/183_253.mp4": "", "\(manipulations)/Deepfakes/c23/videos/what.mp4": "",
    ])
    let reading = try LabelledData.read([folder.path])
    #expect(reading.items.map(\.group) == ["ffpp-actor:03", "ffpp:183", "ffpp:183"])
    #expect(reading.items.map(\.kin) == [[], [], ["ffpp:253"]])
    #expect(reading.items.map(\.method) == ["real", "real", "Deepfakes"])
    #expect(Set(reading.items.map(\.dataset)) == ["ffpp-c23"])
    #expect(reading.problems.map(\.kind) == [.unknownName])
  }

  @Test("Celeb-DF: groups are the persons in the footage, regardless of the inserted face")
  func celebDF() throws {
    let folder = try FileTree([
      "Celeb-real/id0_0000.mp4": "", "YouTube-real/00012.mp4": "", "Celeb-synthesis/id0_id16_0000.mp4": "",
      "Celeb-synthesis/strange.mp4": "", "List_of_testing_videos.txt": "1 YouTube-real/00012.mp4",
    ])
    let reading = try LabelledData.read([folder.path])
    #expect(reading.items.map(\.label) == [.real, .real, .fake])
    #expect(reading.items.map(\.group) == ["celeb-df:id0", "celeb-df-youtube:00012", "celeb-df:id0"])
    #expect(reading.items.map(\.kin) == [[], [], ["celeb-df:id16"]])
    #expect(reading.problems.map(\.kind) == [.unknownName])
  }

  @Test(
    "names of FaceForensics++ videos",
    arguments: [
      ("004", FaceForensicsName.Source.youtube(id: 4), nil), ("004_982", .youtube(id: 4), .youtube(id: 982)),
      ("13__talking", .actor(number: 13), nil), ("13_02__walk__ABC", .actor(number: 13), .actor(number: 2)),
    ] as [(String, FaceForensicsName.Source, FaceForensicsName.Source?)])
  func names(_ stem: String, _ target: FaceForensicsName.Source, _ face: FaceForensicsName.Source?) throws {
    let name = try #require(FaceForensicsName(stem: stem))
    #expect(name.target == target)
    #expect(name.face == face)
  }

  @Test("names without ids", arguments: ["", "_", "a_1", "1_a", "1_2_3", "-4", "__x"])
  func badNames(_ stem: String) {
    #expect(FaceForensicsName(stem: stem) == nil)
  }

  @Test("real/ and fake/: equal names are one source, the inner folder is the method")
  func folders() throws {
    let folder = try FileTree([
      "real/x.mp4": "", "fake/swap/x.mp4": "", "fake/y.jpg": "", "fake/notes.txt": "", "real/.hidden.mp4": "",
    ])
    let items = try LabelledData.read([folder.path]).items
    #expect(items.map(\.label) == [.real, .fake, .fake])
    #expect(items[0].group == items[1].group)
    #expect(items.map(\.method) == ["real", "swap", "fake"])
    #expect(items.map(\.kind) == [.video, .video, .picture])
  }

  @Test("content decides where names do not, if it is looked at; in a list, everything but pictures is a video")
  func content() throws {
    let folder = try FileTree([
      "real/3f9ac0d2": "v", "real/code.mod": "", "fake/m.mod": "v", "fake/notes.txt": "", "fake/x.mp4": "",
      "fake/y.jpg": "", "list.csv": "path,label,group\n3f9ac0d2,real,g\n",
    ])
    func isVideo(_ path: String) -> Bool { (try? String(contentsOfFile: path, encoding: .utf8)) == "v" }
    func names(_ items: [LabelledItem]) -> [String] { items.map { String($0.path.dropFirst(folder.path.count + 1)) } }
    let items = try LabelledData.read([folder.path], isVideo: isVideo).items
    #expect(names(items) == ["real/3f9ac0d2", "fake/m.mod", "fake/x.mp4", "fake/y.jpg"])
    #expect(items.map(\.kind) == [.video, .video, .video, .picture])
    #expect(names(try LabelledData.read([folder.path]).items).contains("real/code.mod"))
    #expect(try LabelledData.read([folder.path + "/list.csv"]).items.map(\.kind) == [.video])
  }

  @Test("CSV: quotes, relative paths, unknown labels")
  func table() throws {
    let folder = try FileTree([
      "list.csv":
        "path,label,group,method\r\n\"a, b.mp4\",FAKE,g1,\"say \"\"cheese\"\"\"\r\nsub/c.png,0,g2,\n\nd.mp4,?,g3,\n"
    ])
    let reading = try LabelledData.read([folder.path + "/list.csv"])
    #expect(reading.items.map(\.path) == [folder.path + "/a, b.mp4", folder.path + "/sub/c.png"])
    #expect(reading.items.map(\.method) == ["say \"cheese\"", "real"])
    #expect(reading.items.map(\.group) == ["list:g1", "list:g2"])
    #expect(reading.problems.map(\.kind) == [.unknownLabel])
    #expect(reading.problems[0].detail.contains("line 5"))
  }

  @Test("CSV: quotes, commas and line ends are recognised before combining marks")
  func hostileNames() throws {
    let names = ["/x\"\u{301}.mp4", "/,\u{301},.mp4", "/a\r\n\u{301}b.mp4", "/\u{2028}\u{85}.mp4"]
    let rows = names.map { name in
      let doubled = name.unicodeScalars.flatMap { $0 == "\"" ? [$0, $0] : [$0] }
      return "\"\(String(String.UnicodeScalarView(doubled)))\",fake,g"
    }
    let folder = try FileTree(["list.csv": "path,label,group\r\n" + rows.joined(separator: "\r\n") + "\r\n"])
    let reading = try LabelledData.read([folder.path + "/list.csv"])
    #expect(reading.items.map { Array($0.path.utf8) } == names.map { Array($0.utf8) })
    #expect(reading.problems.isEmpty)
  }

  @Test("an index with persons and parts: its parts become the split, test parts are data sets of their own")
  func index() throws {
    let folder = try FileTree([
      "dfdc.csv": """
      file,label,source,person,part,box
      f/a.jpg,FAKE,s1,p1,train,90
      f/b.jpg,REAL,s1,p1,train,91
      f/c.jpg,REAL,s2,p1,train,92
      f/d.jpg,FAKE,s3,p2,validation,93
      f/e.jpg,FAKE,s4,p3,test,94
      f/g.jpg,REAL,s5,p1,test-source,95
      """
    ])
    let reading = try LabelledData.read([folder.path + "/dfdc.csv"])
    #expect(reading.problems.isEmpty)
    #expect(reading.items.map(\.dataset) == ["dfdc", "dfdc", "dfdc", "dfdc", "dfdc-test", "dfdc-test-source"])
    #expect(reading.items.map(\.fixedPart) == [.train, .train, .train, .validation, .test, .test])
    #expect(reading.items.first?.group == "dfdc:s1" && reading.items.first?.kin == ["dfdc:person:p1"])
    #expect(reading.items.last?.kin == [])
    let split = try Split.make(reading.items, seed: 1)
    #expect(reading.items.map(split.part(of:)) == [.train, .train, .train, .validation, .test, .test])
    #expect(split.leaks(in: reading.items).isEmpty)
  }

  @Test("a person in two parts of an index is a leak")
  func personLeak() throws {
    let folder = try FileTree([
      "dfdc.csv": "file,label,source,person,part\na.jpg,FAKE,s1,p1,train\nb.jpg,REAL,s2,p1,test\n"
    ])
    let items = try LabelledData.read([folder.path + "/dfdc.csv"]).items
    #expect(throws: DatasetsError.self) { try Split.make(items, seed: 1) }
  }

  @Test(
    "CSV errors name the line",
    arguments: [
      ("path,label,group,part\na.mp4,real,g,third\n", 2),
      ("path,label\nx,y\n", 1), ("path,label,group\na.mp4,real\n", 2), ("path,label,group\n\"a.mp4,real,g\n", 2),
    ])
  func badTable(_ text: String, _ line: Int) throws {
    let folder = try FileTree(["list.csv": text])
    let error = #expect(throws: DatasetsError.self) { try ItemTable.read(folder.path + "/list.csv") }
    guard case .format(_, let found, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(found == line)
  }

  @Test("an unknown layout is an error that lists the known ones")
  func unknown() throws {
    let folder = try FileTree(["holiday/x.mp4": ""])
    #expect(throws: DatasetsError.unknownLayout(path: folder.path)) { try LabelledData.read([folder.path]) }
    #expect(DatasetsError.unknownLayout(path: "p").description.contains("metadata.json"))
  }

  @Test("checks: missing, empty, listed twice, equal content")
  func checks() throws {
    let folder = try FileTree(["real/a.mp4": "same", "fake/b.mp4": "same", "real/c.mp4": "else", "real/d.mp4": ""])
    var items = try LabelledData.read([folder.path]).items
    items.append(items[0])
    items.append(
      LabelledItem(
        path: folder.path + "/gone.mp4", label: .real, group: "g", method: "real", dataset: "d", kind: .video))
    let problems = ItemCheck.problems(in: items, comparesContent: true)
    #expect(problems.map(\.kind) == [.missingFile, .duplicate, .missingFile, .duplicate])
    #expect(problems[3].detail.contains("one is real, the other fake"))
    #expect(problems.table().contains("missing file: 2"))
  }
}
