/// Settings of an attack that writes videos.
public struct VideoAttackOptions: Sendable {
  public var inputs: [[UInt8]]
  public var followSymlinks = false
  /// Folder of the adversarial videos and the tables.
  public var output: String
  /// Model file; nil takes the built-in one.
  public var modelPath: String?
  public var perturb: PerturbSettings
  /// Optimises over random compressions, so that more of the attack survives the codec.
  public var robustToCodec = false
  /// Constant rate factor of libx264.
  public var crf = 18
  public var preset = "medium"
  /// How videos are scanned before and after.
  public var scan = ScanSettings()
  /// Threads that attack.
  public var workers = 2
  public var quiet = false

  public init(inputs: [[UInt8]], output: String, perturb: PerturbSettings) {
    self.inputs = inputs
    self.output = output
    self.perturb = perturb
  }
}
