package import Scanning
package import Scoring

/// Settings of an attack that writes adversarial videos.
package struct VideoAttackOptions: Sendable {
  package var inputs: [[UInt8]]
  package var followSymlinks = false
  /// Folder of the adversarial videos and the tables.
  package var output: String
  /// Model file; nil for the built-in one.
  package var modelPath: String?
  package var perturb: PerturbSettings
  /// Optimises over random compressions, so that the attack survives the codec better.
  package var robustToCodec = false
  /// Constant rate factor of libx264.
  package var crf = 18
  package var preset = "medium"
  /// Scan settings for the scans before and after the attack.
  package var scan = ScanSettings()
  /// Number of attack threads.
  package var workers = 2
  package var quiet = false

  package init(inputs: [[UInt8]], output: String, perturb: PerturbSettings) {
    self.inputs = inputs
    self.output = output
    self.perturb = perturb
  }
}
