// Moves the map: flies, follows the scroll, cuts; one move at a time, each cancelling the one before it.

function makeDriver(map, layer, motion) {
  let flight = null;
  let last = 0;
  let running = false;
  let drawn = null;
  let skipped = false;
  let onRest = () => {};

  function set(cam) {
    const [lng, lat] = toLonLat(cam.x, cam.y);
    layer.driven = true;
    // Without reset a small step at the same zoom becomes a pan by whole pixels, and the camera is not where it was set.
    map.setView([lat, lng], cam.zoom, { reset: true });
    layer.driven = false;
    driver.cam = cam;
  }

  function tick(now) {
    // A frame's time is when it began, which may be before it was asked for.
    const ms = clamp(now - last, 0, 50);
    last = now;
    if (flight) {
      flight.age += ms;
      const t = clamp(flight.age / flight.ms, 0, 1);
      set(flight.path.at(easeInOut(t)));
      if (t >= 1) flight = null;
    }
    const near = flight && flight.age / flight.ms < 0.55;
    const fading = layer.advance(ms, near);
    const cam = layer.camera();
    const stands = drawn && cam.x === drawn.x && cam.y === drawn.y && cam.zoom === drawn.zoom;
    // Over a map that stands still every other frame of a fade is as smooth, at half the cost.
    skipped = Boolean(stands && fading && !flight && !skipped);
    if (!skipped) {
      layer.draw(cam);
      drawn = { ...cam };
    }
    if (flight || fading) requestAnimationFrame(tick);
    else {
      running = false;
      onRest();
    }
  }

  const driver = {
    cam: null,
    get moving() { return running; },
    get flying() { return Boolean(flight); },

    /** Draws at the next frame, and on until nothing changes. */
    wake() {
      if (running) return;
      running = true;
      last = performance.now();
      requestAnimationFrame(tick);
    },

    set onRest(call) { onRest = call; },

    /** Milliseconds that a flight to `to` takes. */
    flightTime(to) {
      const path = flightPath(driver.cam, nearestCopy(driver.cam, to), layer.width);
      return clamp(500 + path.length * 420, 650, 2600);
    },

    fly(to) {
      const target = nearestCopy(driver.cam, to);
      const path = flightPath(driver.cam, target, layer.width);
      if (path.length < 1e-3) return driver.jump(target);
      flight = { path, age: 0, ms: driver.flightTime(to) };
      driver.wake();
      return undefined;
    },

    /** No movement: the old picture fades over the new one. */
    cut(to, ms = 450) {
      flight = null;
      if (driver.cam) layer.crossFade(ms);
      layer.settle();
      driver.jump(to);
    },

    jump(to) {
      flight = null;
      set(to);
      driver.wake();
    },

    length(to) {
      return flightPath(driver.cam, nearestCopy(driver.cam, to), layer.width).length;
    },

    stop() { flight = null; },
  };
  layer.wake = () => driver.wake();
  return driver;
}
