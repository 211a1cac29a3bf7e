import FoundationEssentials

/// All bytes of a file.
func contents(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

/// All bytes of one of `Clip.all`.
func bytes(of clip: String) throws -> [UInt8] { try contents(of: Clip.named(clip)) }
