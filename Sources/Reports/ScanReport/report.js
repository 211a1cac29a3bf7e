"use strict";
// The page of a scan. Text from files gets in by textContent alone; the page's policy forbids anything else.
(() => {
  const byId = (id) => document.getElementById(id);
  const { videos, thresholds, phrases } = JSON.parse(byId("data").textContent);
  const perPage = 100;
  const verdicts = ["fake", "undecided", "real", "no_face", "failed"];
  const words = (name) => name.replaceAll("_", " ");

  /** Names may hold characters that hide or turn around what follows them: they are shown by their numbers. */
  const shown = (text) =>
    text.replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]/g,
      (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
  // Cut, not rounded: no score looks like the threshold that it misses.
  const decimals = (value) => value === null || value === undefined ? "–" : (Math.floor(value * 1000 + 1e-6) / 1000).toFixed(3);
  const seconds = (ms) => (ms / 1000).toFixed(1) + " s";
  const grouped = (number) => number.toLocaleString("en");
  const counted = (number, singular) => `${grouped(number)} ${singular}${number === 1 ? "" : "s"}`;

  /** An element with attributes (an object), a class name (a text) and children. */
  function element(name, settings, ...children) {
    const svg = ["svg", "line", "rect", "polyline", "circle", "text", "title", "g"].includes(name);
    const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    const attributes = typeof settings === "string" ? { class: settings } : settings ?? {};
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  // --- Decisions -------------------------------------------------------------------------------------------------

  const storeName = "assay-decisions";
  const storage = (() => {
    try {
      localStorage.setItem("assay-test", "1");
      localStorage.removeItem("assay-test");
      return localStorage;
    } catch { return null; }
  })();
  let decisions = {};
  const key = (video) => (video.sha256 ?? "") + " " + video.path;
  function readDecisions() {
    try {
      const read = JSON.parse(storage?.getItem(storeName) ?? "{}");
      const entries = Object.entries(read).filter(([, value]) => value === "fake" || value === "real");
      return Object.assign(Object.create(null), Object.fromEntries(entries));
    } catch { return Object.create(null); }
  }
  function decide(index, label) {
    // Another window may have decided meanwhile.
    if (storage) decisions = readDecisions();
    if (label) decisions[key(videos[index])] = label; else delete decisions[key(videos[index])];
    try { storage?.setItem(storeName, JSON.stringify(decisions)); } catch { say("The browser keeps no more decisions: download them."); }
    showDecisions();
  }
  const decision = (video) => decisions[key(video)] ?? "";

  function decideButtons(index) {
    const name = shown(fileName(videos[index].path));
    const group = element("span", { class: "decide", role: "group", "aria-label": "Decision for " + name });
    for (const label of ["fake", "real"]) {
      const button = element("button", { type: "button", "data-label": label }, label === "fake" ? "Fake" : "Real");
      button.addEventListener("click", () => decide(index, decision(videos[index]) === label ? "" : label));
      group.append(button);
    }
    return group;
  }
  function showDecisions() {
    for (const row of rows.querySelectorAll("tr[data-index]")) {
      const made = decision(videos[row.dataset.index]);
      for (const button of row.querySelectorAll(".decide button")) {
        button.setAttribute("aria-pressed", String(button.dataset.label === made));
      }
    }
    const count = videos.filter(decision).length;
    byId("download").disabled = count === 0;
    byId("download").textContent = `Download ${count === 0 ? "decisions" : counted(count, "decision")} (CSV)`;
  }
  function download() {
    const quoted = (text) => '"' + text.replaceAll('"', '""') + '"';
    const lines = ["path,label,group"];
    let unnamed = 0;
    for (const video of videos.filter(decision)) {
      if (video.file === undefined) { unnamed += 1; continue; }
      // Copies of one file show the same footage.
      lines.push([quoted(video.file), decision(video), quoted(video.sha256 ?? video.file)].join(","));
    }
    const link = element("a", { download: "decisions.csv" });
    link.href = URL.createObjectURL(new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    say(`${counted(lines.length - 1, "decision")} downloaded` + (unnamed ? `; ${unnamed} left out, whose names are no text` : ""));
  }

  // --- The table -------------------------------------------------------------------------------------------------

  const rows = byId("rows");
  const fileName = (path) => path.slice(path.lastIndexOf("/") + 1);
  const folder = (path) => path.slice(0, path.lastIndexOf("/") + 1);
  const note = (video) => video.reason ? words(video.reason) + (video.message ? ": " + video.message : "") : video.warnings.join("; ");
  const sortKeys = {
    path: (v) => v.path, verdict: (v) => verdicts.indexOf(v.verdict), score: (v) => v.score ?? -1,
    faces: (v) => v.frames.withFaces, seconds: (v) => v.seconds ?? -1, note, decision,
  };
  // What one wants to see first: the most suspicious, the longest.
  const descendsFirst = new Set(["score", "faces", "seconds", "decision"]);
  let sort = { by: "score", descending: true };
  let matching = [];
  let page = 0;
  const searched = videos.map((v) => [v.path, shown(v.path), note(v), v.sha256 ?? "", phrases[v.verdict]].join("\n").toLowerCase());
  const say = (text) => { byId("status").textContent = text; };

  function update() {
    const [text, verdict, reason, decided] = ["text", "verdict", "reason", "decision"].map((id) => byId(id).value);
    const parts = text.toLowerCase().split(/\s+/).filter(Boolean);
    matching = [...videos.keys()].filter((i) => {
      const video = videos[i];
      return (!verdict || video.verdict === verdict) && (!reason || video.reason === reason)
        && (!decided || (decision(video) || "none") === decided) && parts.every((part) => searched[i].includes(part));
    });
    const value = sortKeys[sort.by];
    const sign = sort.descending ? -1 : 1;
    const keys = videos.map(value);
    matching.sort((a, b) => (keys[a] < keys[b] ? -sign : keys[a] > keys[b] ? sign : a - b));
    for (const button of document.querySelectorAll(".count")) {
      button.setAttribute("aria-pressed", String(button.dataset.verdict === verdict));
    }
    for (const head of document.querySelectorAll("th[data-sort]")) {
      if (head.dataset.sort === sort.by) head.setAttribute("aria-sort", sort.descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    say(`${grouped(matching.length)} of ${counted(videos.length, "video")}`);
    showPage(0);
  }

  function showPage(number) {
    const last = Math.max(0, Math.ceil(matching.length / perPage) - 1);
    page = Math.min(Math.max(number, 0), last);
    const first = page * perPage;
    rows.replaceChildren(...matching.slice(first, first + perPage).map(row));
    if (matching.length === 0) rows.append(element("tr", "", element("td", { colspan: columns() }, "No video matches.")));
    byId("page").textContent = matching.length === 0 ? ""
      : `${grouped(first + 1)}–${grouped(Math.min(first + perPage, matching.length))} of ${grouped(matching.length)}`;
    byId("previous").disabled = page === 0;
    byId("next").disabled = page === last;
    showDecisions();
  }

  // Of the seven columns a phone shows four.
  const narrow = matchMedia("(max-width: 700px)");
  const columns = () => (narrow.matches ? 4 : 7);
  narrow.addEventListener("change", () => {
    for (const cell of rows.querySelectorAll("td[colspan]")) cell.colSpan = columns();
  });

  function row(index) {
    const video = videos[index];
    const open = element("button", { type: "button", class: "name", "aria-expanded": "false" }, shown(fileName(video.path)));
    open.addEventListener("click", () => toggle(made));
    const meter = element("span", { class: "meter", "aria-hidden": "true" }, element("i"));
    if (video.score !== undefined) meter.firstChild.style.width = video.score * 100 + "%";
    const made = element("tr", { "data-index": index },
      element("th", { scope: "row" }, open, element("span", "folder", shown(folder(video.path)))),
      element("td", "badge " + video.verdict, phrases[video.verdict]),
      element("td", "number " + video.verdict, decimals(video.score), ...(video.score === undefined ? [] : [meter])),
      element("td", "number wide", `${video.frames.withFaces}/${video.frames.decoded}`),
      element("td", "number wide", video.seconds === undefined ? "–" : video.seconds.toFixed(1) + " s"),
      element("td", "note wide", shown(note(video))),
      element("td", "", decideButtons(index)));
    return made;
  }

  function toggle(made) {
    const button = made.querySelector(".name");
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!isOpen));
    made.classList.toggle("open", !isOpen);
    if (isOpen) { made.nextSibling.remove(); button.removeAttribute("aria-controls"); return; }
    const index = Number(made.dataset.index);
    button.setAttribute("aria-controls", "detail-" + index);
    made.after(element("tr", { class: "detail", id: "detail-" + index }, element("td", { colspan: columns() }, ...detail(index))));
  }

  // --- One video -------------------------------------------------------------------------------------------------

  function detail(index) {
    const video = videos[index];
    // Pictures are read when they are asked for: a page has many.
    const block = video.hasPictures ? byId("pictures-" + index) : null;
    const pictures = block ? JSON.parse(block.textContent) : null;
    const parts = [];
    if (video.reason) parts.push(element("p", "warning", shown(note(video))));
    if (pictures?.problem) parts.push(element("p", "warning", shown(pictures.problem)));
    if (video.tracks.length) parts.push(element("h3", "", "Scores over time"), chart(video),
      element("p", "hint", chartLegend), scoreTable(video));
    for (const strip of pictures?.strips ?? []) parts.push(...faceStrip(video, strip, pictures));
    if (pictures?.faces.length) parts.push(...deciding(pictures.faces));
    if (pictures?.clips.length) parts.push(...clips(pictures.clips));
    if (!pictures && video.tracks.length) {
      parts.push(element("p", "hint", "No pictures of this video are in the report (see “How to read it”)."));
    }
    parts.push(element("h3", "", "About the file"), facts(video));
    return parts;
  }

  const chartLegend = "Each dot is a face; 1 is most suspicious. Dashed lines are the thresholds: "
    + (thresholds.real === thresholds.fake ? `fake from ${thresholds.fake} on, below it no sign of manipulation found.`
      : `fake from ${thresholds.fake} on (“fake ≥”), no sign of manipulation found below ${thresholds.real} (“none <”), undecided between.`);

  function chart(video) {
    // As wide as there is room for, so that letters keep their size on a phone.
    const [width, height] = [Math.min(860, Math.max(300, rows.clientWidth - 40)), 190];
    const [left, right, top, bottom] = [34, 54, 10, 22];
    const end = Math.max(1, (video.seconds ?? 0) * 1000, ...video.tracks.flatMap((t) => t.times));
    const x = (ms) => left + (ms / end) * (width - left - right);
    const y = (score) => height - bottom - score * (height - top - bottom);
    const line = (x1, y1, x2, y2, kind) => element("line", { x1, y1, x2, y2, class: kind });
    const best = video.tracks.map((t) => `track ${t.id}: ${counted(t.times.length, "face")}, score ${decimals(t.score)}, highest `
      + `${decimals(Math.max(...t.scores))} at ${seconds(t.times[t.scores.indexOf(Math.max(...t.scores))])}`);
    const made = element("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": "Scores over time; " + best.join("; ") });
    for (const part of video.segments) {
      const from = x(part.startMs) - 3;
      made.append(element("rect", { x: from, y: top, width: Math.max(x(part.endMs) - from + 3, 6), height: height - top - bottom,
        class: "segment" }));
    }
    for (const score of [0, 0.5, 1]) {
      made.append(line(left, y(score), width - right, y(score), "axis"),
        element("text", { x: left - 6, y: y(score) + 4, "text-anchor": "end" }, String(score)));
    }
    for (let tick = 0; tick <= 4; tick += 1) {
      const anchor = tick === 0 ? "start" : tick === 4 ? "end" : "middle";
      made.append(element("text", { x: x((end * tick) / 4), y: height - 6, "text-anchor": anchor }, seconds((end * tick) / 4)));
    }
    // In the gutter, where no curve goes; close together, the lower one moves down.
    const [upper, lower] = [y(thresholds.fake), y(thresholds.real)];
    const marks = thresholds.real === thresholds.fake ? [[upper, upper, "fake ≥"]]
      : [[upper, Math.min(upper, lower - 13), "fake ≥"], [lower, lower, "none <"]];
    for (const [place, label, name] of marks) {
      made.append(line(left, place, width - right, place, "threshold"),
        element("text", { x: width - right + 4, y: label + 4 }, name));
    }
    video.tracks.forEach((track, place) => {
      const points = track.times.map((ms, i) => [x(ms).toFixed(1), y(track.scores[i]).toFixed(1)]);
      const group = element("g", "t" + (place % 4), element("polyline", { points: points.map((p) => p.join(",")).join(" ") }));
      points.forEach(([cx, cy], i) => group.append(element("circle", { cx, cy, r: 3.5 },
        element("title", "", `track ${track.id}, ${seconds(track.times[i])}: ${decimals(track.scores[i])}`))));
      made.append(group);
    });
    return made;
  }

  function scoreTable(video) {
    const made = element("details", "", element("summary", "", "The same as a table"));
    made.addEventListener("toggle", () => {
      if (made.childNodes.length > 1) return;
      const body = element("tbody");
      for (const track of video.tracks) {
        track.times.forEach((ms, i) => body.append(element("tr", "", element("td", "number", String(track.id)),
          element("td", "number", seconds(ms)), element("td", "number", decimals(track.scores[i])))));
      }
      const head = ["Track", "Time", "Score"].map((name) => element("th", { scope: "col", class: "number" }, name));
      made.append(element("table", "", element("thead", "", element("tr", "", ...head)), body));
    });
    return made;
  }

  function faceStrip(video, strip, pictures) {
    const track = video.tracks.find((t) => t.id === strip.track);
    const isDeciding = track.id === video.deciding;
    const list = element("ul", "strip");
    strip.places.forEach((place, i) => {
      const isTrimmed = isDeciding && pictures.trimmed.includes(place);
      const score = track.scores[place];
      const said = `${seconds(track.times[place])}, score ${decimals(score)}` + (isTrimmed ? ", left out of the mean" : "");
      const face = element("div", { class: "face" + (score >= thresholds.fake ? " over" : ""), role: "img", "aria-label": "Face at " + said,
        title: said });
      face.style.backgroundImage = `url("data:image/jpeg;base64,${strip.jpeg}")`;
      face.style.backgroundPosition = `${-i * strip.side}px 0`;
      list.append(element("li", isTrimmed ? "trimmed" : "", face, seconds(track.times[place]), element("br"), decimals(score)));
    });
    const colour = video.tracks.indexOf(track) % 4;
    const heading = element("h3", "", element("span", { class: "t" + colour, "aria-hidden": "true" }, "● "), `Track ${track.id}, score ${decimals(track.score)}`
      + (isDeciding ? ": it decided; faint faces are left out of its mean" : ""));
    return [heading, list];
  }

  function deciding(faces) {
    const list = element("div", "deciding");
    for (const face of faces) {
      const when = `${seconds(face.timeMs)}, score ${decimals(face.score)}`;
      const picture = (jpeg, alt, name) => {
        const image = element("img", { alt, width: face.side, height: face.side });
        image.src = "data:image/jpeg;base64," + jpeg;
        return element("div", "", image, element("span", "", name));
      };
      list.append(element("figure", "", element("div", "pictures", picture(face.crop, "Face at " + when, "Crop"),
        ...face.maps.map((map) => picture(map.jpeg, `${map.name} over the face at ${when}`, map.name + (map.isEmpty ? ": nothing" : "")))),
      element("figcaption", "", `${when}, logit ${face.logit.toFixed(2)}`)));
    }
    return [element("h3", "", "Faces that decided, and what the network looked at"), list];
  }

  function clips(cut) {
    const list = element("ul");
    for (const clip of cut) {
      const link = element("a", { href: clip.link, target: "_blank", rel: "noopener" }, `${seconds(clip.startMs)} to ${seconds(clip.endMs)}`);
      list.append(element("li", "", link, `, track ${clip.track}, highest score ${decimals(clip.peakScore)} (H.264, face box and heat map drawn in)`));
    }
    return [element("h3", "", "Clips of suspicious segments"), list];
  }

  function facts(video) {
    const list = element("dl");
    const add = (name, text) => list.append(element("dt", "", name), element("dd", "", shown(text)));
    add("Path", video.path);
    add("SHA-256", video.sha256 ?? "the file could not be read to its end");
    add("Frames", `${video.frames.asked} asked for, ${video.frames.decoded} decoded, ${video.frames.withFaces} with faces`);
    for (const fact of video.facts) add(fact.name, fact.text);
    for (const warning of video.warnings) add("Warning", warning);
    if (video.segments.length) {
      add("Suspicious segments", video.segments.map((s) => `${seconds(s.startMs)}–${seconds(s.endMs)}, track ${s.track}, ${counted(s.frames, "frame")}, highest ${decimals(s.peakScore)}`).join("; "));
    }
    return list;
  }

  // --- Events ----------------------------------------------------------------------------------------------------

  const filters = byId("filters");
  filters.addEventListener("input", update);
  filters.addEventListener("submit", (event) => event.preventDefault());
  // The fields are empty only after the event.
  filters.addEventListener("reset", () => setTimeout(update));
  for (const head of document.querySelectorAll("th[data-sort]")) {
    head.firstElementChild.addEventListener("click", () => {
      const by = head.dataset.sort;
      sort = { by, descending: sort.by === by ? !sort.descending : descendsFirst.has(by) };
      update();
    });
  }
  function filter(values) {
    filters.reset();
    for (const [id, value] of Object.entries(values)) byId(id).value = value;
    update();
  }
  for (const button of document.querySelectorAll(".count")) {
    button.addEventListener("click", () => filter({ verdict: button.getAttribute("aria-pressed") === "true" ? "" : button.dataset.verdict }));
  }
  for (const button of document.querySelectorAll("[data-reason]")) {
    button.addEventListener("click", () => { filter({ verdict: "failed", reason: button.dataset.reason }); byId("table").focus(); });
  }
  byId("previous").addEventListener("click", () => { showPage(page - 1); byId("table").scrollIntoView(); });
  byId("next").addEventListener("click", () => { showPage(page + 1); byId("table").scrollIntoView(); });
  byId("download").addEventListener("click", download);
  rows.addEventListener("keydown", (event) => {
    // Single keys count only with a row's name in focus: elsewhere they belong to the browser and to screen readers.
    if (!event.target.classList.contains("name") || event.ctrlKey || event.metaKey || event.altKey) return;
    const names = [...rows.querySelectorAll(".name")];
    const place = names.indexOf(event.target);
    const index = Number(event.target.closest("tr").dataset.index);
    const actions = {
      ArrowDown: () => names[place + 1]?.focus(), j: () => names[place + 1]?.focus(),
      ArrowUp: () => names[place - 1]?.focus(), k: () => names[place - 1]?.focus(),
      f: () => decide(index, "fake"), r: () => decide(index, "real"), Backspace: () => decide(index, ""),
    };
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  window.addEventListener("storage", (event) => { if (event.key === storeName) { decisions = readDecisions(); showDecisions(); } });
  byId("kept").textContent = storage ? "Decisions are kept in this browser." : "This browser keeps no decisions: download them before you close the page.";

  decisions = readDecisions();
  update();
})();
