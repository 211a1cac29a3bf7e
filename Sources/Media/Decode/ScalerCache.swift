import CFFmpeg
import Imaging

/// Runs libswscale, and keeps its contexts, whose making costs as much as a small conversion, and the memory that it
/// writes to.
final class ScalerCache {
  /// Contexts kept; thumbnails come in few sizes, faces in some more.
  private static let mostContexts = 24
  /// Bytes of the target that are kept for the next frame.
  private static let mostKeptBytes = 16 << 20
  /// libswscale writes rows in wide steps: each has room behind its end.
  private static let rowPadding = 64

  private var contexts: [ScalerSettings: OpaquePointer] = [:]
  /// From the one used longest ago.
  private var order: [ScalerSettings] = []
  private var target: [UInt8] = []
  private var rowBytes = 0
  /// Three bytes, or three 16-bit values.
  private var bytesPerPixel = 3

  deinit {
    for context in contexts.values { sws_freeContext(context) }
  }

  /// Makes room for a picture; must come before `render`.
  ///
  /// - Parameter isHDR: whether the target gets 16 bits for each value.
  func prepareTarget(width: Int, height: Int, isHDR: Bool) {
    bytesPerPixel = isHDR ? 6 : 3
    rowBytes = (width * bytesPerPixel + 2 * Self.rowPadding - 1) / Self.rowPadding * Self.rowPadding
    let bytes = rowBytes * height + Self.rowPadding
    if target.count < bytes || target.count > max(bytes, Self.mostKeptBytes) {
      target = [UInt8](repeating: 0, count: bytes)
    }
  }

  /// Converts a part of a frame into the target.
  ///
  /// - Parameters:
  ///   - source: counted in `rows`, inside of the frame.
  ///   - rows: of the frame.
  ///   - targetRows: of the target.
  func render(
    _ frame: UnsafeMutablePointer<AVFrame>, _ source: PixelRectangle, rows: FrameRows,
    targetRows: FrameRows,
    _ settings: ScalerSettings
  ) throws(MediaError) {
    let context = try context(settings)
    var planes: [UnsafePointer<UInt8>?] = [nil, nil, nil, nil]
    var lines: [CInt] = [0, 0, 0, 0]
    shim_planes_at(frame, CInt(source.x), CInt(source.y), CInt(rows.parity), &planes, &lines)
    let firstRow = max(targetRows.parity, 0)
    let rowStep = targetRows == .all ? 1 : 2
    let code = target.withUnsafeMutableBufferPointer { target in
      var targets = [target.baseAddress.map { $0 + firstRow * rowBytes }, nil, nil, nil]
      var targetLines = [CInt(rowBytes * rowStep), 0, 0, 0]
      return sws_scale(context, planes, lines, 0, CInt(source.height), &targets, &targetLines)
    }
    guard code > 0 else { throw .ffmpeg(call: "sws_scale", code: code) }
  }

  /// A part of what was rendered.
  ///
  /// - Parameter toneMap: brings values of 16 bits to SDR.
  func target(_ part: PixelRectangle, _ toneMap: ToneMap?) -> Frame {
    if let toneMap { return mapped(part, toneMap) }
    let count = part.width * part.height * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { pixels, initialized in
      target.withUnsafeBytes { target in
        for row in 0..<part.height {
          let start = (part.y + row) * rowBytes + part.x * 3
          UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(pixels)[(row * part.width * 3)...])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: target[start..<start + part.width * 3]))
        }
      }
      initialized = count
    }
    return Frame(width: part.width, height: part.height, pixels: pixels)
  }

  private func mapped(_ part: PixelRectangle, _ toneMap: ToneMap) -> Frame {
    let count = part.width * part.height * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { pixels, initialized in
      target.withUnsafeBytes { target in
        for row in 0..<part.height {
          let start = (part.y + row) * rowBytes + part.x * bytesPerPixel
          let values = UnsafeRawBufferPointer(
            rebasing: target[start..<start + part.width * bytesPerPixel])
          toneMap.map(
            values.assumingMemoryBound(to: UInt16.self),
            to: UnsafeMutableBufferPointer(
              rebasing: pixels[row * part.width * 3..<(row + 1) * part.width * 3]))
        }
      }
      initialized = count
    }
    return Frame(width: part.width, height: part.height, pixels: pixels)
  }

  private func context(_ settings: ScalerSettings) throws(MediaError) -> OpaquePointer {
    if let context = contexts[settings] {
      order.removeAll { $0 == settings }
      order.append(settings)
      return context
    }
    let context = try settings.makeContext()
    if order.count == Self.mostContexts { sws_freeContext(contexts.removeValue(forKey: order.removeFirst())) }
    contexts[settings] = context
    order.append(settings)
    return context
  }
}
