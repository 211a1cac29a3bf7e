import Foundation

/// What went wrong, in words for a user: the problem and, where there is one, the remedy.
///
/// The errors of Foundation describe themselves for programmers (`Error Domain=NSCocoaErrorDomain Code=260 …`); any
/// other error's own description is taken. The path is the caller's to name.
public func explanation(of error: any Error) -> String {
  switch error {
  case let error as DecodingError: explanation(of: error)
  case let error as EncodingError: explanation(of: error)
  default: bridgedExplanation(of: error)
  }
}

private func bridgedExplanation(of error: any Error) -> String {
  let bridged = error as NSError
  switch bridged.domain {
  case NSPOSIXErrorDomain: return explanation(ofErrno: Int32(bridged.code))
  case NSCocoaErrorDomain:
    if let cause = bridged.userInfo[NSUnderlyingErrorKey] as? any Error { return explanation(of: cause) }
    return explanation(of: CocoaError.Code(rawValue: bridged.code))
  default: return type(of: error) is NSError.Type ? bridged.localizedDescription : "\(error)"
  }
}

/// What a failed system call means for a user.
public func explanation(ofErrno number: Int32) -> String {
  switch number {
  case ENOENT: "there is no such file or folder: check the path"
  case EISDIR: "it is a folder, not a file: name a file"
  case ENOTDIR: "a part of the path is a file, not a folder: check the path"
  case EEXIST: "it exists already: choose another name"
  case EACCES, EPERM: "permission denied: check who may use the file and its folders"
  case EROFS: "the file system is read-only: choose another folder"
  case ENOSPC, EDQUOT: "the disk is full: make room, or choose another folder"
  case EMFILE, ENFILE: "too many files are open: raise the limit (ulimit -n)"
  default: String(cString: strerror(number)).lowercasedFirst + ": check the file and its disk"
  }
}

/// A failure that Foundation found without the help of a system call, or whose cause it does not say.
private func explanation(of code: CocoaError.Code) -> String {
  switch code {
  case .fileNoSuchFile, .fileReadNoSuchFile: explanation(ofErrno: ENOENT)
  case .fileReadNoPermission, .fileWriteNoPermission: explanation(ofErrno: EACCES)
  case .fileWriteFileExists: explanation(ofErrno: EEXIST)
  case .fileWriteOutOfSpace: explanation(ofErrno: ENOSPC)
  case .fileWriteVolumeReadOnly: explanation(ofErrno: EROFS)
  case .fileReadInapplicableStringEncoding, .fileReadUnknownStringEncoding:
    explanation(of: .fileReadCorruptFile)
  case .fileReadInvalidFileName, .fileWriteInvalidFileName: "the name is not valid: choose another one"
  case .fileReadTooLarge: "it is too large to be read"
  case .fileReadCorruptFile: "it is damaged or not UTF-8 text: check that it is the right file"
  default: code.rawValue >= 512 && code.rawValue < 1024 ? "it cannot be written" : "it cannot be read"
  }
}

private func explanation(of error: DecodingError) -> String {
  switch error {
  case .keyNotFound(let key, let context): "the key \(text(context.codingPath + [key])) is missing"
  case .valueNotFound(_, let context): "\(text(context.codingPath)) has no value"
  case .typeMismatch(_, let context), .dataCorrupted(let context):
    context.codingPath.isEmpty
      ? trimmed(context.debugDescription) : "\(text(context.codingPath)): \(trimmed(context.debugDescription))"
  @unknown default: "it is not in the expected format"
  }
}

private func explanation(of error: EncodingError) -> String {
  switch error {
  case .invalidValue(let value, let context): "\(text(context.codingPath)) cannot be written as JSON: \(value)"
  @unknown default: "it cannot be written as JSON"
  }
}

/// `videos[3].finding`.
private func text(_ path: [any CodingKey]) -> String {
  path.reduce(into: "") { text, key in
    text += key.intValue.map { "[\($0)]" } ?? (text.isEmpty ? key.stringValue : "." + key.stringValue)
  }
}

private func trimmed(_ sentence: String) -> String {
  (sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence).lowercasedFirst
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
