/// Colours that stay apart for the colour-blind (Okabe and Ito 2008), with a dash pattern each for prints in grey.
enum PlotStyle {
  struct Stroke {
    let colour: String
    let dashes: [Double]
  }

  private static let strokes: [Stroke] = [
    Stroke(colour: "#0072b2", dashes: []), Stroke(colour: "#d55e00", dashes: [7, 4]),
    Stroke(colour: "#009e73", dashes: [2, 3]), Stroke(colour: "#cc79a7", dashes: [10, 3, 2, 3]),
    Stroke(colour: "#e69f00", dashes: [14, 5]), Stroke(colour: "#56b4e9", dashes: [4, 2]),
    Stroke(colour: "#222222", dashes: [1, 2]),
  ]

  static let axis = "#222222"
  static let grid = "#dddddd"
  static let reference = "#888888"

  static func stroke(_ index: Int) -> Stroke { strokes[index % strokes.count] }
}
