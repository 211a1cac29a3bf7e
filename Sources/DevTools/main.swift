import Foundation
import SampleArt

// A dead ffmpeg shall be an error message, not a signal.
signal(SIGPIPE, SIG_IGN)

/// - Parameter name: of the one clip to draw; nil draws all.
func draw(into path: String, only name: String? = nil) throws {
  let folder = URL(fileURLWithPath: path, isDirectory: true)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  for clip in SampleClip.all where name == nil || clip.name == name {
    let file = folder.appendingPathComponent(clip.name)
    try writeClip(clip, to: file)
    print("\(file.path): \(clip.frameCount) frames of \(clip.scene.width)×\(clip.scene.height)")
  }
}

func compare(_ expected: String, with found: String) throws {
  let comparison = try ManifestComparison(expected: URL(fileURLWithPath: expected), found: URL(fileURLWithPath: found))
  print(comparison.text)
  if !comparison.isEqual { exit(1) }
}

/// Programs for developers, by the name of their work.
let usage = """
  usage: DevTools draw FOLDER [NAME]                        draw the sample clips
         DevTools compare EXPECTED MANIFEST                 compare a scan of them with what is expected
         DevTools measure [WORK…]                           measure the engine, for bench.py
         DevTools export FOLDER                             write the measured networks as ONNX
         DevTools run NETWORK SHAPE INPUT OUTPUT [COPY]     run a network on raw floats

  """

let arguments = Array(CommandLine.arguments.dropFirst())
do {
  switch (arguments.first, arguments.count) {
  case ("draw", 2): try draw(into: arguments[1])
  case ("draw", 3): try draw(into: arguments[1], only: arguments[2])
  case ("compare", 3): try compare(arguments[1], with: arguments[2])
  case ("measure", _): try EngineBenchmark(chosen: Set(arguments.dropFirst())).measureAll()
  case ("export", 2): try EngineBenchmark.export(to: arguments[1])
  case ("run", 5), ("run", 6): try NetworkRun.run(Array(arguments.dropFirst()))
  default:
    FileHandle.standardError.write(Data(usage.utf8))
    exit(64)
  }
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  // 3 tells the conformance scripts that a network is not supported.
  exit(arguments.first == "run" ? 3 : 2)
}
