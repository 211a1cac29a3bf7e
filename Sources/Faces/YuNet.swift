import Compute

extension FaceGridFormat {
  /// YuNet (Wu, Peng and Yu 2023), as libfacedetection.train exports it: input `[1, 3, H, W]`, B G R from 0 to 255, H
  /// and W multiples of 32; outputs `cls_S`, `obj_S` `[1, cells, 1]`, `bbox_S` `[1, cells, 4]`, `kps_S` `[1, cells, 10]`
  /// at the strides S = 8, 16, 32.
  ///
  /// A score is the geometric mean of class and object probability; OpenCV's detector is customarily used at 0.6 to 0.9.
  /// The boxes reach from the hairline to the chin: `boxScale` and `boxShift` were fitted on 174 real frames, where in
  /// eight of ten the side is within 8 % and the centre within 4 % of the framing of `Detection.box`.
  package static let yuNet = FaceGridFormat(
    description: "a YuNet", outputs: ["cls", "obj", "bbox", "kps"].flatMap { kind in strides.map { "\(kind)_\($0)" } },
    input: FaceInput(reversesChannels: true), shortSide: 270, faceSide: 48, leastScore: 0.45, sureScore: 0.7,
    boxScale: 0.818, boxShift: -0.048
  ) { outputs, width in
    strides.enumerated().map { index, stride in
      let (classes, objects) = (outputs[index], outputs[index + 3])
      let (boxes, landmarks) = (outputs[index + 6], outputs[index + 9])
      func unit(_ value: Float) -> Float { min(max(value, 0), 1) }
      return FaceGrid(
        stride: stride, columns: width / stride, cells: classes.count, origin: 0,
        score: { (unit(classes[$0]) * unit(objects[$0])).squareRoot() },
        value: { cell, number in number < 4 ? boxes[4 * cell + number] : landmarks[10 * cell + number - 4] },
        slopes: { cell in
          let score = (unit(classes[cell]) * unit(objects[cell])).squareRoot()
          // Clipped values do not change; their slope is that at the clip.
          func slope(_ probability: Float) -> Float {
            1 / (2 * max(unit(probability), 1e-6) * max(1 - score, 1e-6))
          }
          return [
            FaceGrid.Slope(output: index, element: cell, value: slope(classes[cell])),
            FaceGrid.Slope(output: index + 3, element: cell, value: slope(objects[cell])),
          ]
        })
    }
  }
}
