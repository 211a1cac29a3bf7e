// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: warnings are errors, and `internal import` is the default so that
/// no public signature mentions a C type by accident.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Targets with pixel loops are optimised in debug builds too: the tests run real pictures through them.
let optimised: [SwiftSetting] = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
  name: "Assay",
  products: [.executable(name: "assay", targets: ["assay"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
  ],
  targets: [
    // C libraries: a module map and a shim each.
    .systemLibrary(name: "CFFmpeg", pkgConfig: "libavformat"),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas"),
    .systemLibrary(name: "COneDNN"),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl"),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto"),
    .target(name: "CPosix"),
    .target(name: "CVectorLoops", cSettings: [.unsafeFlags(["-O3"])]),
    .target(
      name: "CFaceWeights", exclude: ["face-detector.safetensors"], cSettings: [.unsafeFlags(["-std=c23"])]),

    // Values and algorithms, one job each.
    .target(name: "Files", swiftSettings: strict),
    .target(name: "Imaging", swiftSettings: optimised),
    .target(name: "Compute", dependencies: ["COneDNN", "COpenBLAS", "CVectorLoops"], swiftSettings: optimised),
    .target(name: "Safetensors", dependencies: ["Compute", "Files"], swiftSettings: strict),
    .target(name: "NeuralNet", dependencies: ["Compute", "Files", "Safetensors"], swiftSettings: strict),
    .target(name: "Media", dependencies: ["Imaging", "CFFmpeg"], swiftSettings: strict),
    .target(
      name: "Faces",
      dependencies: [
        "CFaceWeights", "Compute", "Digests", "Files", "Imaging", "NeuralNet", "ONNX", "Safetensors",
      ], swiftSettings: optimised),
    .target(
      name: "Models", dependencies: ["Compute", "Files", "Imaging", "NeuralNet", "Safetensors", "Verdicts"],
      exclude: ["tooling"],
      resources: [.copy("Resources/builtin")], swiftSettings: optimised),
    .target(
      name: "ONNX",
      dependencies: ["Compute", "Files", "NeuralNet", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["Generated/onnx.proto"], swiftSettings: strict),
    .target(name: "Attacks", dependencies: ["Compute", "NeuralNet"], swiftSettings: optimised),
    .target(
      name: "Datasets", dependencies: ["Compute", "Files", "Imaging"],
      resources: [.embedInCode("Readers/FaceForensicsOrder.json")], swiftSettings: optimised),
    .target(name: "Metrics", dependencies: ["Compute"], swiftSettings: optimised),
    .target(name: "Verdicts", dependencies: ["Files", "Imaging"], swiftSettings: strict),
    .target(
      name: "Ledger", dependencies: ["Verdicts", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: strict),
    .target(
      name: "Reports",
      dependencies: [
        "Digests", "Files", "Verdicts", .product(name: "Mustache", package: "swift-mustache"),
      ],
      resources: [
        .embedInCode("ScanReport/report.css"), .embedInCode("ScanReport/report.js"),
        .embedInCode("ScanReport/report.mustache"),
      ], swiftSettings: strict),
    .target(
      name: "Pipeline", dependencies: [.product(name: "DequeModule", package: "swift-collections")],
      swiftSettings: strict),
    .target(name: "Delivery", dependencies: ["CCurl", "Digests"], swiftSettings: strict),
    .target(name: "Digests", dependencies: ["COpenSSL"], swiftSettings: strict),
    .target(name: "Isolation", dependencies: ["CPosix"], swiftSettings: strict),

    // Subjects, from the bottom up.
    .target(
      name: "Runs",
      dependencies: [
        "Files", "Isolation", "Ledger", "Pipeline", "Verdicts", .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict),
    .target(
      name: "Decoder",
      dependencies: [
        "Attacks", "Datasets", "Digests", "Faces", "Files", "Imaging", "Isolation", "Media",
        "Runs", "Verdicts",
      ], swiftSettings: strict),
    .target(
      name: "Scoring",
      dependencies: [
        "Attacks", "Compute", "Datasets", "Decoder", "Digests", "Faces", "Files", "Imaging", "Media", "Models",
        "NeuralNet",
        "Runs", "Verdicts",
      ], swiftSettings: strict),
    .target(
      name: "Scanning",
      dependencies: [
        "Attacks", "Decoder", "Delivery", "Digests", "Faces", "Files", "Imaging", "Isolation", "Ledger", "Media",
        "Metrics", "Models", "Pipeline", "Runs", "Scoring", "Verdicts", .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict),
    .target(
      name: "Training",
      dependencies: [
        "Compute", "Datasets", "Decoder", "Digests", "Faces", "Files", "Imaging", "Media", "Metrics", "Models",
        "NeuralNet",
        "ONNX", "Pipeline", "Reports", "Runs", "Safetensors", "Scoring", "Verdicts",
      ], swiftSettings: strict),
    .target(
      name: "Review",
      dependencies: [
        "Attacks", "Compute", "Decoder", "Digests", "Faces", "Files", "Imaging", "Isolation", "Ledger", "Media",
        "Metrics", "Models", "NeuralNet", "Pipeline", "Reports", "Runs", "Scanning", "Scoring", "Verdicts",
      ], swiftSettings: strict),
    .target(
      name: "RedTeam",
      dependencies: [
        "Attacks", "Compute", "Datasets", "Decoder", "Faces", "Files", "Imaging", "Isolation", "Media", "Metrics",
        "Models",
        "NeuralNet", "Reports", "Runs", "Scanning", "Scoring", "Training", "Verdicts",
      ], swiftSettings: strict),
    .target(
      name: "Studies",
      dependencies: [
        "Attacks", "Compute", "Datasets", "Decoder", "Digests", "Files", "Imaging", "Isolation", "Media", "Metrics",
        "Models", "NeuralNet", "RedTeam", "Reports", "Runs", "Scanning", "Scoring", "Training", "Verdicts",
      ], swiftSettings: strict),
    .target(name: "SampleArt", dependencies: ["Imaging"], swiftSettings: optimised),

    // Programs.
    .executableTarget(
      name: "assay",
      dependencies: [
        "Attacks", "Datasets", "Decoder", "Faces", "Files", "Imaging", "Isolation", "Media", "Metrics", "NeuralNet",
        "RedTeam", "Review", "Runs", "Scanning", "Scoring", "Studies", "Training", "Verdicts",
        .product(name: "ArgumentParser", package: "swift-argument-parser"), .product(name: "Yams", package: "Yams"),
      ], swiftSettings: strict),
    .executableTarget(
      name: "DevTools", dependencies: ["Compute", "Imaging", "Models", "NeuralNet", "ONNX", "SampleArt", "Verdicts"],
      exclude: ["bench.py", "nightly.py", "peer_rates.py"], swiftSettings: optimised),

    // Tests.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    .target(
      name: "ComputeSupport", dependencies: ["Compute"], path: "Tests/ComputeSupport", swiftSettings: optimised),
    .target(
      name: "TrainingSupport", dependencies: ["Compute", "Datasets", "Imaging", "TestSupport", "Training"],
      path: "Tests/TrainingSupport", swiftSettings: strict),
    .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "TestSupportTests", dependencies: ["TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "ImagingTests", dependencies: ["Imaging"], exclude: ["resize_golden.py", "ssim_golden.py"],
      swiftSettings: strict),
    .testTarget(
      name: "ComputeTests", dependencies: ["Compute", "ComputeSupport"], swiftSettings: strict),
    .testTarget(
      name: "SafetensorsTests", dependencies: ["Compute", "Safetensors", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "NeuralNetTests", dependencies: ["Compute", "ComputeSupport", "NeuralNet", "Safetensors", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "MediaTests", dependencies: ["CFFmpeg", "Imaging", "Media", "TestSupport"], exclude: ["tooling"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "FacesTests",
      dependencies: ["Compute", "Faces", "Imaging", "NeuralNet", "Safetensors", "SampleArt", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ModelsTests",
      dependencies: ["Compute", "Imaging", "Models", "NeuralNet", "Safetensors", "TestSupport", "Verdicts"],
      exclude: ["tooling"],
      swiftSettings: strict),
    .testTarget(
      name: "ONNXTests",
      dependencies: [
        "Compute", "NeuralNet", "ONNX", "TestSupport", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["Exported", "tooling"], swiftSettings: strict),
    .testTarget(
      name: "AttacksTests", dependencies: ["Attacks", "Compute", "NeuralNet"], exclude: ["tooling"],
      swiftSettings: strict),
    .testTarget(
      name: "DatasetsTests", dependencies: ["Compute", "Datasets", "Imaging", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "MetricsTests", dependencies: ["Metrics"], swiftSettings: strict),
    .testTarget(
      name: "ReportsTests",
      dependencies: ["Digests", "Imaging", "Reports", "Verdicts"],
      swiftSettings: strict),
    .testTarget(
      name: "VerdictsTests", dependencies: ["Files", "Imaging", "TestSupport", "Verdicts"], swiftSettings: strict),
    .testTarget(
      name: "LedgerTests",
      dependencies: ["Ledger", "TestSupport", "Verdicts", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: strict),
    .testTarget(name: "DigestsTests", dependencies: ["Digests"], swiftSettings: strict),
    .testTarget(name: "DeliveryTests", dependencies: ["Delivery", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "PipelineTests", dependencies: ["Pipeline", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "IsolationTests", dependencies: ["CPosix", "Isolation", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "RunsTests",
      dependencies: [
        "Decoder", "Runs", "TestSupport", "Verdicts", .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict),
    .testTarget(
      name: "ScanningTests",
      dependencies: [
        "Faces", "Attacks", "Decoder", "Files", "Ledger", "Media", "Pipeline", "Runs", "Scanning", "Scoring",
        "TestSupport",
        "Verdicts",
      ], swiftSettings: strict),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Verdicts", "Attacks", "Compute", "Datasets", "Faces", "Imaging", "Metrics", "Models", "NeuralNet", "RedTeam",
        "Runs", "Safetensors", "Scoring", "TestSupport", "Training", "TrainingSupport",
      ], swiftSettings: strict),
    .testTarget(
      name: "RedTeamTests",
      dependencies: [
        "Attacks", "Compute", "Datasets", "Decoder", "Faces", "Files", "Imaging", "Models", "NeuralNet", "RedTeam",
        "Runs",
        "SampleArt", "Scoring", "TestSupport", "Training", "TrainingSupport", "Verdicts",
      ], swiftSettings: strict),
    .testTarget(
      name: "StudiesTests",
      dependencies: [
        "Compute", "Datasets", "Imaging", "Media", "Metrics", "Models", "NeuralNet", "Reports", "Runs", "Scoring",
        "Studies", "TestSupport", "Training", "TrainingSupport",
      ], swiftSettings: strict),
    .testTarget(
      name: "AssayTests",
      dependencies: [
        "Imaging", "Compute", "Decoder", "DevTools", "RedTeam", "Review", "Studies", "TestSupport", "Training",
        "TrainingSupport",
        "Verdicts", "assay",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["tooling"], swiftSettings: strict),
  ]
)
