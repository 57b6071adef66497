// The samples of a seed: a grid of pictures or a plot of points, of which two are chosen.

import { Cells } from "./cells.js";
import { Controls } from "./controls.js";
import { latent } from "./draws.js";
import { element, panel, say } from "./elements.js";
import { Scatter } from "./scatter.js";

const POINTS = 1024;

export class Samples {
  /** `onchoose(first, second, all)` is called with two samples: {seed, label, x, z}. */
  constructor(model, view, onchoose) {
    Object.assign(this, { model, onchoose, chosen: null, all: [], round: 0 });
    const fixed = view.kind === "plane" || view.kind === "line";
    const count = fixed ? POINTS : view.height > 40 ? 16 : 36;
    const choose = model.latents ? (i, place) => this.choose(i, place) : null;
    this.controls = new Controls(model.page.classes, { count, fixed }, () => this.draw());
    this.shown = fixed ? new Scatter(count, choose) : new Cells(view, choose);
    this.first = fixed ? farthest : () => [0, 1];
    this.message = element("p", { className: "message", role: "status" });
    const what = fixed ? "point" : "sample";
    const text = model.latents
      ? `Choose a ${what} to explore it; choose another to walk from the one to the other.`
      : "Each seed gives the same samples in every browser.";
    const parts = [this.controls.element, this.shown.element, this.message];
    this.element = panel("samples", "Samples", text, ...parts);
  }

  async draw() {
    const round = ++this.round;
    try {
      const rows = this.controls.rows();
      const labels = Array.from(rows, (_, i) => this.controls.label(i));
      say(this.message, "");
      this.shown.element.setAttribute("aria-busy", "true");
      const x = await this.model.rows("sample", { seed: rows }, labels);
      if (round !== this.round) return; // a newer seed was typed meanwhile
      this.all = x.map((values, i) => this.sample(rows[i], labels[i], values));
      this.chosen = this.chosen?.map((i) => Math.min(i, rows.length - 1)) ?? this.first(x);
      this.shown.show(this.all, this.chosen);
      this.tell();
    } catch (error) {
      say(this.message, error.message, "error");
    }
    this.shown.element.removeAttribute("aria-busy");
  }

  sample(seed, label, x) {
    return { seed, label, x, z: this.model.latents ? latent(this.model.page.prior, seed) : null };
  }

  /** Makes sample i the second of the chosen, or the one at a place. */
  choose(i, place = null) {
    if (place === null && i === this.chosen[1]) return;
    this.chosen = place === null ? [this.chosen[1], i] : this.chosen.with(place, i);
    this.shown.mark(this.chosen);
    this.tell();
  }

  tell() {
    const [first, second] = this.chosen.map((i) => this.all[i]);
    this.onchoose(first, second, this.all);
  }
}

/** Returns point 0 and the point that is farthest from it, which lie in two modes if there are. */
function farthest(points) {
  const distances = points.map((x) => Math.hypot(...x.map((value, i) => value - points[0][i])));
  return [0, distances.indexOf(Math.max(...distances))];
}
