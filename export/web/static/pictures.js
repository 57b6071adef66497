// Paints one example: a picture, a point among others, or a row of squares.

import { element } from "./elements.js";
import { plot } from "./plots.js";

/** Returns what examples are, {kind, height, width, channels, range}, to paint them. */
export function viewOf(about, layout) {
  const shape = about.shape.slice(1);
  if (shape.length === 3) {
    const [height, width, channels] =
      layout === "NCHW" ? [shape[1], shape[2], shape[0]] : shape;
    return { kind: "picture", height, width, channels, range: about.range };
  }
  const kind = { 1: "line", 2: "plane" }[shape[0]] ?? "row";
  return { kind, height: 1, width: shape[0], channels: 1, range: about.range };
}

/** Returns a canvas for one picture; what it shows is said by the text next to it. */
export function pictureCanvas(view, properties = {}) {
  const { width, height } = view;
  return element("canvas", {
    width,
    height,
    className: "pixels",
    "aria-hidden": "true",
    ...properties,
  });
}

/** Paints a picture, or a row of numbers as squares, into a canvas of its size. */
export function paint(canvas, x, view) {
  const { height, width, channels } = view;
  const [low, high] = view.range ?? [Math.min(...x), Math.max(...x, Math.min(...x) + 1e-6)];
  const pixels = new ImageData(width, height);
  for (let i = 0; i < height * width; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = x[i * channels + Math.min(channel, channels - 1)];
      pixels.data[4 * i + channel] = Math.round((255 * (value - low)) / (high - low)); // clamps
    }
    pixels.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

/** A place that shows one example, in front of others where examples are points. */
export class Stage {
  constructor(view, label) {
    this.view = view;
    this.points = view.kind === "plane" || view.kind === "line";
    this.canvas = this.points
      ? element("canvas", { width: 640, height: 640, className: "plot" })
      : pictureCanvas(view);
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", label);
    this.canvas.removeAttribute("aria-hidden");
    this.canvas.classList.add("stage");
    this.others = [];
  }

  show(x, path = []) {
    if (this.points) plot(this.canvas, this.others, { marks: [x], path });
    else paint(this.canvas, x, this.view);
  }
}
