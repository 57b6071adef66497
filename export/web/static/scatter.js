// Samples as points of a plot: a click chooses the nearest, and so do two numbers.

import { element } from "./elements.js";
import { nearest, plot } from "./plots.js";

const NAMES = ["A", "B"];

export class Scatter {
  /** `onchoose` is called with the number of a point and, from a number's input, with its place. */
  constructor(count, onchoose) {
    Object.assign(this, { count, onchoose, numbers: [] });
    this.canvas = element("canvas", { width: 640, height: 640, className: "plot", role: "img" });
    this.canvas.setAttribute("aria-label", `${count} points that the model drew`);
    this.element = element("div", { className: "scatter" }, this.canvas);
    if (!onchoose) return;
    this.canvas.onclick = (event) => this.clicked(event);
    const inputs = NAMES.flatMap((name, place) => this.number(name, place));
    this.element.append(element("div", { className: "controls" }, ...inputs));
  }

  number(name, place) {
    const id = `point-${name}`;
    const input = element("input", { type: "number", min: 1, max: this.count, id });
    input.onchange = () => {
      const i = Math.round(Number(input.value)) - 1;
      if (i >= 0 && i < this.count) this.onchoose(i, place);
    };
    this.numbers.push(input);
    return [element("label", { for: id }, `Point ${name}`), input];
  }

  clicked(event) {
    const box = this.canvas.getBoundingClientRect();
    const place = [(event.clientX - box.x) / box.width, (event.clientY - box.y) / box.height];
    this.onchoose(nearest(this.points, ...place));
  }

  show(all, chosen) {
    this.points = all.map(({ x }) => x);
    this.mark(chosen);
  }

  mark(chosen) {
    const marks = this.onchoose ? chosen.map((i) => this.points[i]) : [];
    plot(this.canvas, this.points, { marks, names: NAMES });
    this.numbers.forEach((input, place) => {
      input.value = chosen[place] + 1;
    });
  }
}
