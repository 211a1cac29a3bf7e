/// Version of this program, as in manifests and `--version`.
package let assayVersion = "0.1.0"
