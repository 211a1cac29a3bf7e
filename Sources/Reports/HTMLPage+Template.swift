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
    * { box-sizing: border-box; }
    body { font: 15px/1.5 Helvetica, Arial, sans-serif; color: #222; max-width: 1180px; margin: 2em auto; padding: 0 1em;
      overflow-wrap: anywhere; }
    h1 { font-size: 1.6em; margin-bottom: .2em; }
    h2 { font-size: 1.2em; margin-top: 2em; border-bottom: 1px solid #ccc; }
    p.summary { color: #444; margin-top: 0; }
    table { border-collapse: collapse; margin: 1em 0; font-variant-numeric: tabular-nums; }
    .scroll { overflow-x: auto; }
    th, td { padding: .25em .8em; border-bottom: 1px solid #ddd; text-align: right; overflow-wrap: normal; }
    th:first-child, td:first-child, .words { text-align: left; }
    thead th { border-bottom: 2px solid #222; vertical-align: bottom; }
    table.wide { font-size: 12px; width: 100%; } .wide th, .wide td { padding: .25em .25em; }
    .wide th { font-size: 11px; }
    dl.terms { display: grid; grid-template-columns: max-content 1fr; gap: .1em .8em; font-size: 13px; color: #444;
      border-left: 3px solid #ddd; padding-left: .7em; margin: .6em 0 1em; }
    .terms dt { font-weight: bold; } .terms dd { margin: 0; }
    .plots { display: flex; flex-wrap: wrap; gap: 16px; }
    .plots svg { max-width: 100%; height: auto; border: 1px solid #eee; }
    .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); gap: 14px; }
    figure { margin: 0; }
    figure img { width: 100%; display: block; }
    figcaption { font-size: 12px; overflow-wrap: anywhere; white-space: pre-line; }
    @media (max-width: 700px) {
      body { margin: 1em auto; padding: 0 .7em; }
      h1 { font-size: 1.35em; }
      dl.terms { grid-template-columns: 1fr; } .terms dd { margin-bottom: .3em; }
      table, tbody, tr, td { display: block; } thead { display: none; }
      tr { border-bottom: 2px solid #bbb; padding: .4em 0; }
      td { display: flex; justify-content: space-between; gap: 1em; border: 0; padding: .05em 0; }
      td:not(:first-child)::before { content: attr(data-heading); color: #555; font-size: 12px; text-align: left; }
      td:first-child { font-weight: bold; } td { overflow-wrap: anywhere; text-align: right; }
      .wide th, .wide td { padding: .05em 0; } table.wide { font-size: inherit; }
      .plots svg { width: 100%; }
      .pictures { gap: 6px; } figcaption { font-size: 11px; }
    }
    @media print { body { max-width: none; margin: 0; } figure, svg, tr { break-inside: avoid; } }
    </style>
    </head>
    <body>
    <h1>{{title}}</h1>
    <p class="summary">{{summary}}</p>
    {{#hasTerms}}<dl class="terms">{{#terms}}<dt>{{name}}</dt><dd>{{text}}</dd>{{/terms}}</dl>{{/hasTerms}}
    {{#sections}}
    <section>
    <h2>{{heading}}</h2>
    {{#paragraphs}}<p>{{.}}</p>
    {{/paragraphs}}
    {{#hasTerms}}<dl class="terms">{{#terms}}<dt>{{name}}</dt><dd>{{text}}</dd>{{/terms}}</dl>{{/hasTerms}}
    {{#tables}}
    <div class="scroll"><table{{#isWide}} class="wide"{{/isWide}}>
    <thead><tr>{{#heading}}<th scope="col"{{#isText}} class="words"{{/isText}}>{{text}}</th>{{/heading}}</tr></thead>
    <tbody>
    {{#rows}}<tr>{{#cells}}<td data-heading="{{heading}}"{{#isText}} class="words"{{/isText}}>{{text}}</td>{{/cells}}</tr>
    {{/rows}}
    </tbody>
    </table></div>
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
