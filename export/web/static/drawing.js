// A place to draw in with a finger, a pen or a mouse, and the picture that a model takes from it.

import { element } from "./elements.js";

const SIDE = 280;

export class Drawing {
  /** `onchange` is called while and after a line is drawn. */
  constructor(view, onchange) {
    Object.assign(this, { view, onchange, lines: [] });
    this.canvas = element("canvas", {
      width: SIDE,
      height: Math.round((SIDE * view.height) / view.width),
      className: "drawing",
      role: "img",
      "aria-label": "Draw here with a finger, a pen or a mouse",
    });
    this.canvas.onpointerdown = (event) => {
      event.preventDefault();
      this.canvas.setPointerCapture(event.pointerId);
      this.lines.push([this.place(event)]);
      this.paint();
    };
    this.canvas.onpointermove = (event) => {
      if (!this.canvas.hasPointerCapture(event.pointerId)) return;
      this.lines.at(-1).push(this.place(event));
      this.paint();
    };
    this.canvas.onpointerup = () => this.onchange();
    this.element = element("div", { className: "paper" }, this.canvas);
    this.clear();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const { width, height } = this.canvas;
    return [
      ((event.clientX - box.x) / box.width) * width,
      ((event.clientY - box.y) / box.height) * height,
    ];
  }

  clear() {
    this.lines = [];
    this.paint(false);
  }

  paint(tell = true) {
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    const { width, height } = this.canvas;
    Object.assign(context, {
      fillStyle: "#000",
      strokeStyle: "#fff",
      lineWidth: width / 12,
      lineCap: "round",
      lineJoin: "round",
    });
    context.fillRect(0, 0, width, height);
    for (const line of this.lines) {
      context.beginPath();
      context.moveTo(...line[0]);
      for (const place of line) context.lineTo(...place);
      context.stroke();
    }
    this.element.dataset.empty = String(this.empty);
    if (tell) this.onchange();
  }

  get empty() {
    return this.lines.length === 0;
  }
}

/**
 * Returns the values of an example, from a canvas or a bitmap of any size.
 *
 * With `centre`, what is not black is scaled and moved as in MNIST: its longer side is 20 of 28
 * pixels, its centre of mass is in the middle.
 */
export function example(source, view, centre) {
  const { width, height, channels } = view;
  const [low, high] = view.range ?? [0, 1];
  const small = shrunk(source, centre ? box(source) : cut(source, width / height), view, centre);
  const x = new Float32Array(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    const [red, green, blue] = small.data.subarray(4 * i, 4 * i + 3);
    const levels =
      channels === 1 ? [0.299 * red + 0.587 * green + 0.114 * blue] : [red, green, blue];
    levels.forEach((level, channel) => {
      x[i * channels + channel] = low + ((high - low) * level) / 255;
    });
  }
  return x;
}

/** Returns the largest part of a picture in its middle that has a ratio of width to height. */
function cut({ width, height }, ratio) {
  const wide = Math.min(width, height * ratio);
  const tall = wide / ratio;
  return { x: (width - wide) / 2, y: (height - tall) / 2, width: wide, height: tall };
}

/** Returns the square around all ink of a drawing that MNIST would make 20 pixels wide. */
function box(canvas) {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let [left, top, right, bottom, mass, across, down] = [width, height, 0, 0, 0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const ink = data[4 * (y * width + x)];
      if (ink < 32) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
      [mass, across, down] = [mass + ink, across + ink * x, down + ink * y];
    }
  }
  if (!mass) return { x: 0, y: 0, width, height };
  const side = Math.max(right - left + 1, bottom - top + 1) * (28 / 20);
  return { x: across / mass - side / 2, y: down / mass - side / 2, width: side, height: side };
}

/** Returns ImageData of the model's size; by halving, so that each pixel is a mean of many. */
function shrunk(source, from, { width, height }, black) {
  let factor = 1;
  while (from.width / (2 * factor * width) >= 1) factor *= 2;
  let now = element("canvas", { width: width * factor, height: height * factor });
  const context = now.getContext("2d", { willReadFrequently: true });
  if (black) context.fillRect(0, 0, now.width, now.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(source, from.x, from.y, from.width, from.height, 0, 0, now.width, now.height);
  for (; factor > 1; factor /= 2) {
    const half = element("canvas", { width: now.width / 2, height: now.height / 2 });
    half
      .getContext("2d", { willReadFrequently: true })
      .drawImage(now, 0, 0, half.width, half.height);
    now = half;
  }
  return now.getContext("2d").getImageData(0, 0, width, height);
}
