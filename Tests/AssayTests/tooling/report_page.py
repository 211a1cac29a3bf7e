"""Checks a report in a real Chromium: report_page.py PAGE MANIFEST DOWNLOADS [PICTURES]

Filter, sort, keyboard, labels for screen readers, phone width, dark mode, decisions and their download; no console
error, no request beyond the file itself. Says what fails, one line each, and ends with 1 then.
"""
import json
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser

page, manifest_path, downloads = [os.path.abspath(path) for path in sys.argv[1:4]]
pictures = os.path.abspath(sys.argv[4]) if len(sys.argv) > 4 else None
with open(manifest_path, encoding="utf-8") as file:
    videos = json.load(file)["videos"]
failures = []


def check(name, holds, detail=""):
    print(("ok    " if holds else "FAILS ") + name + ("" if holds else f": {detail}"))
    if not holds:
        failures.append(name)


def rows(browser):
    return browser.run("document.querySelectorAll('#rows > tr[data-index]').length")


def status(browser):
    return browser.run("document.getElementById('status').textContent")


def set_value(browser, field, value):
    browser.run(
        f"{{ const f = document.getElementById({json.dumps(field)}); f.value = {json.dumps(value)};"
        " f.dispatchEvent(new Event('input', {bubbles: true})); }")


def contents(browser, column):
    return browser.run(
        f"[...document.querySelectorAll('#rows > tr[data-index] > :nth-child({column})')].map(c => c.textContent)")


def check_table(browser):
    check("all rows of the first page are there", rows(browser) == min(100, len(videos)), rows(browser))
    check("the status counts them", status(browser) == f"{len(videos):,} of {len(videos):,} videos", status(browser))
    for verdict in sorted({video["verdict"] for video in videos}):
        wanted = sum(video["verdict"] == verdict for video in videos)
        set_value(browser, "verdict", verdict)
        check(f"the filter shows {wanted} {verdict}", rows(browser) == min(100, wanted), rows(browser))
        word = verdict.replace("_", " ")
        check(f"... and nothing else", set(contents(browser, 2)) == {word}, contents(browser, 2))
    set_value(browser, "verdict", "")
    name = videos[-1]["path"].split("/")[-1]
    set_value(browser, "text", name[:40])
    check("the search finds a name", 1 <= rows(browser) <= len(videos), status(browser))
    browser.run("document.querySelector('#filters button[type=reset]').click()")
    browser.wait_until(lambda: rows(browser) == min(100, len(videos)))
    check("show all shows all", rows(browser) == min(100, len(videos)), rows(browser))

    def order(column):
        browser.run(f"document.querySelector('th[data-sort={column}] button').click()")
        return browser.run(f"document.querySelector('th[data-sort={column}]').getAttribute('aria-sort')")

    def scores():
        return [-1.0 if text == "–" else float(text) for text in contents(browser, 3)]

    check("the most suspicious come first", scores() == sorted(scores(), reverse=True), scores())
    check("a second press turns the order", order("score") == "ascending" and scores() == sorted(scores()), scores())
    check("one heading is sorted by", browser.run("document.querySelectorAll('[aria-sort]').length") == 1)
    direction = order("path")
    paths = browser.run(
        "[...document.querySelectorAll('#rows > tr[data-index]')].map(r => Number(r.dataset.index))")
    check("names sort", direction == "ascending" and len(paths) == min(100, len(videos)), direction)
    order("score")


def check_keyboard(browser):
    browser.run("document.querySelector('#rows .name').focus()")
    focused = "document.activeElement.closest('tr').dataset.index"
    first = browser.run(focused)
    browser.press("ArrowDown")
    second = browser.run(focused)
    check("the arrow moves to the next row", len(videos) == 1 or first != second, (first, second))
    browser.press("ArrowUp")
    check("and back", browser.run(focused) == first)
    browser.press("Enter")
    opened = "document.getElementById('detail-' + " + focused + ") !== null"
    check("Enter opens the row", browser.run(opened))
    check("and says so", browser.run("document.activeElement.getAttribute('aria-expanded')") == "true")
    pressed = "[...document.activeElement.closest('tr').querySelectorAll('.decide [aria-pressed=true]')].map(b => b.textContent).join()"
    browser.press("f")
    check("F decides fake", browser.run(pressed) == "Fake", browser.run(pressed))
    browser.press("r")
    check("R decides real", browser.run(pressed) == "Real", browser.run(pressed))
    browser.press("Backspace")
    check("Backspace takes it back", browser.run(pressed) == "")
    browser.press("Enter")
    check("Enter closes the row", not browser.run(opened))
    browser.run("document.getElementById('text').focus()")
    for key in "fr":
        browser.press(key)
    check("letters in the search decide nothing", browser.run("document.querySelectorAll('.decide [aria-pressed=true]').length") == 0)
    set_value(browser, "text", "")
    browser.run("document.querySelector('.skip').focus()")
    reached = set()
    for _ in range(40):
        browser.press("Tab")
        reached.add(browser.run("document.activeElement.id || document.activeElement.className"))
    check("Tab reaches filters and rows", {"text", "verdict", "decision", "name"} <= reached, reached)


def check_labels(browser):
    browser.run("for (const b of [...document.querySelectorAll('.name[aria-expanded=false]')].slice(0, 12)) b.click()")
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    named = {"button", "link", "textbox", "searchbox", "combobox", "image", "img", "table", "columnheader", "checkbox"}
    unnamed, roles = [], {}
    for node in nodes:
        role = node.get("role", {}).get("value")
        if node.get("ignored"):
            continue
        roles[role] = roles.get(role, 0) + 1
        if role in named and not node.get("name", {}).get("value", "").strip():
            unnamed.append(role)
    # The tables of settings have no name of their own: their headings do.
    unnamed = [role for role in unnamed if role != "table"]
    check("everything that acts or shows has a name", not unnamed, unnamed)
    for role in ["heading", "table", "row", "columnheader", "search", "status", "main"]:
        check(f"screen readers find a {role}", roles.get(role, 0) > 0, roles)
    check("no element has two ids", browser.run(
        "(() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id); return new Set(ids).size === ids.length })()"))


CONTRAST = """(() => {
  const luminance = (c) => { const v = c.map((x) => { x /= 255; return x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4 });
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2] };
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const background = (e) => { for (; e; e = e.parentElement) { const c = numbers(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c.slice(0, 3) } return [255, 255, 255] };
  const bad = [];
  for (const e of document.querySelectorAll('h1, h2, h3, p, li, td, th, button, label, select, dt, dd, figcaption, span, a')) {
    if (!e.textContent.trim() || !e.getClientRects().length || e.disabled || e.closest('.hidden')) continue;
    const [a, b] = [luminance(numbers(getComputedStyle(e).color).slice(0, 3)), luminance(background(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2));
  }
  return [...new Set(bad)] })()"""


def check_looks(browser):
    for name, width, height, is_dark in [
        ("desktop", 1280, 900, False), ("dark", 1280, 900, True), ("phone", 390, 844, False), ("phone-dark", 390, 844, True)]:
        browser.size(width, height, mobile=width < 500)
        browser.dark(is_dark)
        browser.run("window.scrollTo(0, 0)")
        browser.wait_until(lambda: browser.run(
            f"innerWidth === {width} && matchMedia('(prefers-color-scheme: dark)').matches === {str(is_dark).lower()}"))
        wide = browser.run("document.scrollingElement.scrollWidth")
        check(f"{name}: nothing is wider than the window", wide <= width, wide)
        back = browser.run("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]")
        check(f"{name}: the background is {'dark' if is_dark else 'light'}", (back < 60) == is_dark, back)
        check(f"{name}: text stands out", not browser.run(CONTRAST), browser.run(CONTRAST))
        small = browser.run(
            "[...document.querySelectorAll('#rows .name, #rows .decide button, #filters input')]"
            ".filter(e => parseFloat(getComputedStyle(e).fontSize) < 12).length")
        check(f"{name}: text is readable", small == 0, small)
        if pictures:
            browser.picture(f"{pictures}/{name}.png")
            browser.run("document.querySelector('tr.detail')?.scrollIntoView()")
            browser.picture(f"{pictures}/{name}-detail.png")
    browser.size(1280, 900)
    browser.dark(False)


def check_decisions(browser):
    browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=downloads)
    browser.run("document.querySelector('#filters button[type=reset]').click()")
    browser.wait_until(lambda: rows(browser) == min(100, len(videos)))
    browser.run(
        "[...document.querySelectorAll('#rows > tr[data-index]')].slice(0, 2).forEach((r, i) =>"
        " r.querySelectorAll('.decide button')[i].click())")
    browser.reload()
    count = "document.querySelectorAll('.decide [aria-pressed=true]').length"
    check("decisions outlive the page", browser.run(count) == min(2, len(videos)), browser.run(count))
    set_value(browser, "decision", "fake")
    check("and can be filtered", rows(browser) == 1, rows(browser))
    browser.run("document.getElementById('download').click()")
    path = os.path.join(downloads, "decisions.csv")
    browser.wait_until(lambda: os.path.exists(path))
    check("decisions are downloaded", os.path.exists(path))


with Browser() as browser:
    browser.size(1280, 900)
    browser.open(page)
    times = browser.run(
        "(() => { const n = performance.getEntriesByType('navigation')[0], p = performance.getEntriesByName('first-contentful-paint')[0];"
        " const t = performance.now(); document.querySelector('th[data-sort=path] button').click(); const s = performance.now() - t;"
        " document.querySelector('th[data-sort=score] button').click();"
        " return [p ? p.startTime : NaN, n.loadEventEnd, s].map(Math.round) })()")
    print(f"{os.path.getsize(page) / 1e6:.1f} MB, {len(videos)} videos: painted after {times[0]} ms, loaded after {times[1]} ms, "
          f"sorted in {times[2]} ms")
    check_table(browser)
    check_keyboard(browser)
    check_labels(browser)
    check_looks(browser)
    check_decisions(browser)
    check("nothing of a name ran", browser.run("window.hacked === undefined && document.querySelector('b.hostile') === null"))
    # What the page asked for: itself, pictures in it, the file that it makes.
    own = "file://" + urllib.parse.quote(page)
    others = [url for url in browser.requests if not url.startswith(("data:", "blob:")) and urllib.parse.unquote(url) != "file://" + page and url != own]
    check("no request leaves the file", not others, others)
    check("the console is silent", not browser.errors, browser.errors)

print(f"{len(failures)} failures")
sys.exit(1 if failures else 0)
