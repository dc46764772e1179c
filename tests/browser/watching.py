"""Watches the live map frame by frame, from inside the page."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

WATCH = """() => {
    // Runs after each of the page's own animation frames, before the browser shows what they drew.
    const real = window.requestAnimationFrame.bind(window);
    const watch = window.watch = {cameras: [], events: [], on: false, every: 0, last: 0};
    window.requestAnimationFrame = (call) => real((now) => {
        call(now);
        if (watch.on) watch.frame(now);
    });
    document.addEventListener('storymap:step', (event) => watch.events.push(event.detail.step));
    const layerOf = () => {
        if (!watch.layer) window[document.querySelector('.map').id].eachLayer((one) => { if (one.shown) watch.layer = one; });
        return watch.layer;
    };
    const draw = (layer, more) => {
        watch.spare = watch.spare || document.createElement('canvas');
        const spare = watch.spare;
        if (spare.width !== layer.canvas.width) spare.width = layer.canvas.width;
        if (spare.height !== layer.canvas.height) spare.height = layer.canvas.height;
        const ctx = spare.getContext('2d', {willReadFrequently: true});
        ctx.reset();
        const fresh = Object.assign(Object.create(layer), {canvas: spare, ctx, ...more});
        Object.getPrototypeOf(layer).draw.call(fresh, layer.camera());
        return ctx.getImageData(0, 0, spare.width, spare.height).data;
    };
    watch.frame = (now) => {
        const layer = layerOf();
        const drawn = Number(layer.canvas.dataset.drawn || 0);
        if (drawn === watch.drawn) return;
        watch.drawn = drawn;
        watch.slowest = Math.max(watch.slowest, now - watch.last);
        watch.last = now;
        const camera = layer.camera();
        watch.cameras.push([camera.x, camera.y, camera.zoom, storymap.step, scrollY]);
        if (watch.every && watch.cameras.length % watch.every === 0) watch.compare(layer, camera);
    };
    watch.compare = (layer, camera) => {
        const {width, height} = layer.canvas;
        const live = layer.ctx.getImageData(0, 0, width, height).data;
        let clear = 0;
        for (let i = 3; i < live.length; i += 4) if (live[i] !== 255) clear += 1;
        const whole = draw(layer, {});
        const bare = draw(layer, {shown: [], letters: new Map()});
        let cells = 0, stale = 0, base = 0, same = 0;
        for (let y = 2; y < height; y += 5) {
            for (let x = 2; x < width; x += 5) {
                const i = (y * width + x) * 4;
                const apart = (other) => Math.max(...[0, 1, 2].map((k) => Math.abs(live[i + k] - other[i + k])));
                cells += 1;
                if (apart(whole) > 12) stale += 1;
                // Where no layer and no label lies, the map has to be the basemap of this camera.
                if (Math.max(...[0, 1, 2].map((k) => Math.abs(whole[i + k] - bare[i + k]))) > 2) continue;
                base += 1;
                if (apart(bare) <= 12) same += 1;
            }
        }
        watch.compared += 1;
        const wrong = [stale / cells, base ? 1 - same / base : 0, clear].map((n) => Math.round(n * 1e4) / 1e4);
        if (wrong[0] > 0.02 || wrong[1] > 0.02 || wrong[2]) watch.faults.push([storymap.step, camera.zoom, ...wrong]);
        if (watch.grid) {
            const [across, down] = watch.grid;
            const colors = [];
            for (let j = 0; j < down; j += 1) {
                for (let i = 0; i < across; i += 1) {
                    const at = (Math.floor(((j + 0.5) * height) / down) * width + Math.floor(((i + 0.5) * width) / across)) * 4;
                    colors.push([live[at], live[at + 1], live[at + 2]]);
                }
            }
            watch.looks.push({camera: [camera.x, camera.y, camera.zoom], size: [layer.width, layer.height], colors});
        }
    };
}"""


def watched(page: Page) -> Page:
    """The same page, which from its next address on can be watched."""
    page.add_init_script(f"({WATCH})()")
    return page


def start(page: Page, *, every: int = 0, grid: tuple[int, int] | None = None) -> None:
    """Watches from now on; each ``every``th drawn frame is compared with a fresh drawing at the same camera."""
    page.evaluate(
        "(more) => Object.assign(watch, {cameras: [], events: [], faults: [], looks: [], compared: 0, slowest: 0,"
        " last: performance.now(), on: true, ...more})",
        {"every": every, "grid": grid},
    )


def stop(page: Page) -> dict[str, Any]:
    """What was seen: ``cameras`` as (x, y, zoom, step, scroll position) for each frame, ``faults`` and more."""
    return page.evaluate(
        "() => { watch.on = false; const {cameras, events, faults, looks, compared, slowest} = watch;"
        " return {cameras, events, faults, looks, compared, slowest}; }"
    )
