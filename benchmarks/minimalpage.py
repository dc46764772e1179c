"""A page as one writes it by hand today: Leaflet 1.9.4 on canvas and scrollama, all in one file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from npmfiles import npm_file
from plainstory import COUNTRY_STYLE, SEA

__all__ = ["minimal_page"]

CSS = """
body{margin:0;font:17px/1.55 Georgia,serif;background:#f7f5f0;color:#23211f}
.stage{position:sticky;top:0;height:100vh}#map{width:100%;height:100%;background:SEA}
.masthead,.card{background:#fffefb;border-radius:8px;padding:1.6rem 1.75rem;max-width:26rem;margin-left:3.2rem}
.wrap{display:grid}.stage,.column,.masthead{grid-area:1/1}.masthead{align-self:start;margin-top:6rem;z-index:2}
.column{z-index:1;pointer-events:none;padding-top:88vh}.step{min-height:80vh;padding-bottom:30vh}
.label{background:none;border:0;box-shadow:none;font:600 13px sans-serif}.label:before{display:none}
@media(max-width:56rem){.wrap{display:block}.stage{height:45vh;z-index:5}.column{padding-top:0}
.masthead,.card{margin:0;border-radius:0;max-width:none}}
"""
SCRIPT = """
const story = JSON.parse(document.getElementById('data').textContent);
const map = L.map('map', {preferCanvas: true, zoomControl: false, scrollWheelZoom: false, dragging: false, zoomSnap: 0,
  fadeAnimation: false});
map.attributionControl.setPrefix(false).addAttribution('Natural Earth, GeoNames, OpenStreetMap');
const wide = matchMedia('(min-width:56rem)').matches;
const room = wide ? {paddingTopLeft: [540, 60], paddingBottomRight: [40, 60]} : {padding: [20, 20]};
map.fitBounds(story.steps[0].bounds, room);
L.geoJSON(story.countries, {style: COUNTRY_STYLE, interactive: false}).addTo(map);
function make(spec) {
  const styleOf = (f) => ({
    ...(spec.styles ? spec.styles.by[f.properties[spec.styles.column]] : spec.style),
    ...(spec.radii && {radius: spec.radii.by[f.properties[spec.radii.column]]}),
  });
  return L.geoJSON(story.files[spec.file], {
    style: styleOf,
    filter: (f) => Object.entries(spec.where || {}).every(([k, v]) => v.includes(f.properties[k])),
    pointToLayer: (f, at) => L.circleMarker(at, styleOf(f)),
    onEachFeature: (f, layer) => {
      if (spec.label) layer.bindTooltip(f.properties[spec.label], {permanent: true, direction: 'right', className: 'label'});
    },
  });
}
const groups = story.steps.map((step) => L.layerGroup(step.layers.map(make)));
let shown = groups[0].addTo(map);
function go(i) {
  if (groups[i] === shown) return;
  map.removeLayer(shown);
  shown = groups[i].addTo(map);
  map.flyToBounds(story.steps[i].bounds, {...room, duration: 0.8});
}
const mapHeight = wide ? 0 : document.querySelector('.stage').offsetHeight;
const line = Math.round(wide ? innerHeight * 0.6 : mapHeight + (innerHeight - mapHeight) * 0.35);
scrollama().setup({step: '.step', offset: line + 'px'}).onStepEnter(({index}) => go(index));
"""


def minimal_page(story: Mapping[str, Any], cache: Path) -> bytes:
    """The page for `plain_story`'s ``story``."""
    leaflet = (
        npm_file(cache, "leaflet@1.9.4", "dist/leaflet.js").decode().replace("//# sourceMappingURL=leaflet.js.map", "")
    )
    css = npm_file(cache, "leaflet@1.9.4", "dist/leaflet.css").decode() + CSS.replace("SEA", SEA)
    scrollama = npm_file(cache, "scrollama@3.2.0", "build/scrollama.min.js").decode()
    script = SCRIPT.replace("COUNTRY_STYLE", json.dumps(COUNTRY_STYLE))
    sections = "".join(
        f'<section class="step"><div class="card"><p>{escape(step["when"])}</p><h2>{escape(step["title"])}</h2>'
        f"{step['html']}</div></section>"
        for step in story["steps"]
    )
    data = {"countries": story["countries"], "files": story["files"]}
    data["steps"] = [{"bounds": step["bounds"], "layers": step["layers"]} for step in story["steps"]]
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<link rel="icon" href="data:,"><title>{escape(story["title"])}</title><style>{css}</style>'
        f'<div class="wrap"><header class="masthead"><h1>{escape(story["title"])}</h1>'
        f'<p>{escape(story["subtitle"])}</p></header><div class="stage"><div id="map"></div></div>'
        f'<div class="column">{sections}</div></div>'
        f'<script type="application/json" id="data">{text}</script>'
        f"<script>{leaflet}</script><script>{scrollama}</script><script>{script}</script>"
    ).encode()
