/// Version of this program, as manifests and `--version` say it.
public let assayVersion = "0.1.0"
