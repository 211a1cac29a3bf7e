extension HTMLPage {
  /// No scripts or external resources, so that an archived page still opens in ten years.
  static let template = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
    <title>{{title}}</title>
    <style>
    body { font: 15px/1.5 Helvetica, Arial, sans-serif; color: #222; max-width: 1180px; margin: 2em auto; padding: 0 1em; }
    h1 { font-size: 1.6em; margin-bottom: .2em; }
    h2 { font-size: 1.2em; margin-top: 2em; border-bottom: 1px solid #ccc; }
    p.summary { color: #444; margin-top: 0; }
    table { border-collapse: collapse; margin: 1em 0; font-variant-numeric: tabular-nums; }
    th, td { padding: .25em .8em; border-bottom: 1px solid #ddd; text-align: right; }
    th:first-child, td:first-child { text-align: left; }
    thead th { border-bottom: 2px solid #222; }
    .plots { display: flex; flex-wrap: wrap; gap: 16px; }
    .plots svg { max-width: 100%; height: auto; border: 1px solid #eee; }
    .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); gap: 14px; }
    figure { margin: 0; }
    figure img { width: 100%; display: block; }
    figcaption { font-size: 12px; overflow-wrap: anywhere; white-space: pre-line; }
    @media print { body { max-width: none; margin: 0; } figure, svg, tr { break-inside: avoid; } }
    </style>
    </head>
    <body>
    <h1>{{title}}</h1>
    <p class="summary">{{summary}}</p>
    {{#sections}}
    <section>
    <h2>{{heading}}</h2>
    {{#paragraphs}}<p>{{.}}</p>
    {{/paragraphs}}
    {{#tables}}
    <table>
    <thead><tr>{{#heading}}<th scope="col">{{.}}</th>{{/heading}}</tr></thead>
    <tbody>
    {{#rows}}<tr>{{#cells}}<td>{{.}}</td>{{/cells}}</tr>
    {{/rows}}
    </tbody>
    </table>
    {{/tables}}
    <div class="plots">
    {{#plots}}{{{.}}}{{/plots}}
    </div>
    {{#hasPictures}}
    <div class="pictures"{{#columns}} style="grid-template-columns: repeat({{columns}}, 1fr)"{{/columns}}>
    {{#pictures}}<figure><img alt="" src="data:image/png;base64,{{data}}"><figcaption>{{caption}}</figcaption></figure>
    {{/pictures}}
    </div>
    {{/hasPictures}}
    </section>
    {{/sections}}
    </body>
    </html>

    """
}
