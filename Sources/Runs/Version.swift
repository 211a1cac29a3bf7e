/// Version of this program, as manifests and `--version` say it.
package let assayVersion = "0.1.0"
