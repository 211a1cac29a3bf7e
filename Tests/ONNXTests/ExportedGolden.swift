// Made by tooling/exported_networks.py with torch 2.15.0; do not edit.

/// Torch's outputs of the networks in `Exported`.
enum ExportedGolden {
  static let batch = 3
  static let sides = (11, 14)
  static let outputs: [String: [Float]] = [
    "padding": [
      0.2401944, 0.1003784, -0.08496606, 0.2474469, 0.3018895, 0.05272841, -0.144178, 0.2714731,
      0.2297359, 0.07957712, -0.09922308, 0.2466758,
    ],
    "shapes": [
      0.1300734, 0.2659064, 0.1156427, 0.2681252, 0.1239023, 0.2549808,
    ],
    "sampling": [
      -0.2829287, 0.8050135, -0.4322857, 0.7657329, -0.2847605, 0.7798186,
    ],
    "sequences": [
      -0.1788814, -0.2244443, -0.1726366, -0.21645, -0.1777925, -0.2254706,
    ],
    "pooling": [
      0.03283074, -0.5925591, 0.1306269, -0.5959542, 0.03787007, -0.5593286,
    ],
  ]
}
