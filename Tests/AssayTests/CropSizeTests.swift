import Foundation
import TestSupport
import Testing

/// One crop set, cut with the defaults, for models of every size.
@Suite("Crop sets and models of several sizes", .heavy)
struct CropSizeTests {
  private let work = ScratchFolder()

  private func run(_ command: String) throws -> ExternalProgram.Result {
    try ExternalProgram.run(["-C", work.path, AssayProgram.path] + command.split(separator: " ").map(String.init))
  }

  /// By how many pixels a page is wider than a window, as Chromium lays it out; 0 without Chromium.
  private func overflow(of page: String, width: Int) throws -> Int {
    let browser = "/usr/bin/chromium"
    guard FileManager.default.isExecutableFile(atPath: browser) else { return 0 }
    // A window of its own has a least width; a frame has not. Its own page allows no script.
    try work.write(
      """
      <iframe id="f" src="\(work.path(page))" style="width:\(width)px;height:900px;border:0"></iframe>
      <script>onload = () => { const root = document.getElementById("f").contentDocument.documentElement;
      document.title = "overflow " + (root.scrollWidth - root.clientWidth); }</script>
      """, to: "frame.html")
    let result = try ExternalProgram.run([
      browser, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files",
      "--virtual-time-budget=5000",
      "--user-data-dir=\(work.path("profile"))", "--dump-dom", "file://\(work.path("frame.html"))",
    ])
    let found = try #require(result.output.firstMatch(of: #/<title>overflow (-?\d+)</#), "\(result.output)")
    return try #require(Int(found.1))
  }

  @Test("evaluate and attack take each model's own crop, side by side, and refuse to enlarge")
  func sizes() throws {
    let drawn = try work.draw("portrait.mp4", into: "drawn")
    for (label, brightness) in [("real", "0"), ("fake", "0.1")] {
      try FileManager.default.createDirectory(
        atPath: work.path("videos/\(label)"), withIntermediateDirectories: true)
      let cut = try ExternalProgram.run([
        "ffmpeg", "-v", "error", "-i", drawn + "/portrait.mp4", "-t", "0.3", "-vf", "eq=brightness=\(brightness)",
        "-c:v", "libx264", "-preset", "ultrafast", work.path("videos/\(label)/\(label).mp4"),
      ])
      try #require(cut.code == 0, "\(cut.output)")
    }
    let crops = try run("crops videos -o crops -q --frames 2")
    try #require(crops.code == 0, "\(crops.output)")
    for model in ["standard", "hardened", "paper"] {
      let measured = try run("evaluate \(model) crops --part all -q --resamples 100 --report measured")
      // The older models were trained on the boxes of a face detector that is gone.
      let warnings = measured.output.split(separator: "\n").filter { $0.contains("warning") }
      #expect(measured.code == 0 && warnings.count == (model == "standard" ? 0 : 1), "\(measured.output)")
      #expect(warnings.allSatisfy { $0.contains("trained with the face detector hog") })
      #expect(measured.output.contains("2 sources are too few for intervals"), "\(measured.output)")
      #expect(measured.output.contains("too few sources") && !measured.output.contains(" – "), "\(measured.output)")
    }
    let attacked = try run(
      "attack standard hardened crops -o out -q --part all --attacks fgsm,blur --linf 2/255 --limit 2 --no-checks")
    let warnings = attacked.output.split(separator: "\n").filter { $0.contains("warning") }
    #expect(attacked.code == 0 && warnings.count == 1, "\(attacked.output)")
    #expect(warnings.allSatisfy { $0.contains("hardened: the model was trained with the face detector hog") })
    for model in ["standard", "hardened"] {
      #expect(try work.text("out/attack.csv").contains("\(model),,,fgsm"), "\(attacked.output)")
    }
    #expect(attacked.output.contains("too few sources"), "\(attacked.output)")

    for page in ["out/index.html", "measured/index.html"] {
      for width in [390, 1280] { #expect(try overflow(of: page, width: width) == 0, "\(page) at \(width)") }
    }

    let transfer = try run("attack standard crops -o t -q --part all --transfer-from hardened")
    #expect(transfer.code == 64 && transfer.output.contains("--input 160"), "\(transfer.output)")
    try #require(try run("crops videos -o small -q --frames 2 --size 64").code == 0)
    let small = try run("evaluate standard small --part all")
    #expect(small.code == 2 && small.output.contains("extract it with --size"), "\(small.output)")
  }
}
