// A walk from one sample to another, along the great circle between their latents.

import { settle } from "./draws.js";
import { element, panel } from "./elements.js";
import { latest } from "./model.js";
import { Stage, paint, pictureCanvas } from "./pictures.js";
import { name } from "./explore.js";
import { greatCircle } from "./walks.js";

const [FRAMES, STOPS] = [33, 9]; // a stop is every fourth frame
const SECONDS = 2.4;

export class Walk {
  constructor(model, view) {
    Object.assign(this, { model, view, frames: [], timer: null });
    this.stage = new Stage(view, "The sample at this place of the walk");
    this.position = element("input", {
      id: "position",
      type: "range",
      min: 0,
      max: FRAMES - 1,
      step: 1,
      value: (FRAMES - 1) / 2,
    });
    this.position.oninput = () => {
      this.stop();
      this.show();
    };
    this.play = element(
      "button",
      { type: "button", className: "primary", onclick: () => this.toggle() },
      "Play",
    );
    this.title = element("p", { className: "caption" });
    this.strip = element("div", { className: "strip", "aria-hidden": "true" });
    if (!this.stage.points) {
      this.stops = Array.from({ length: STOPS }, () => pictureCanvas(view));
      this.strip.append(...this.stops);
      this.strip.onclick = (event) => {
        const place = this.stops.indexOf(event.target);
        if (place < 0) return;
        this.stop();
        this.position.value = (place * (FRAMES - 1)) / (STOPS - 1);
        this.show();
      };
    }
    const row = element(
      "div",
      { className: "controls grow" },
      this.play,
      element("label", { for: "position" }, "From A to B"),
      this.position,
    );
    this.element = panel(
      "walk",
      "Walk",
      "From sample A to sample B, on the great circle between their latents.",
      element(
        "div",
        { className: "split" },
        element("figure", {}, this.stage.canvas, this.title),
        element("div", { className: "side" }, this.strip, row),
      ),
    );
    this.draw = latest((first, second) => this.drawn(first, second));
  }

  start(first, second, all) {
    this.stop();
    this.stage.others = all.map(({ x }) => x);
    this.draw(first, second);
  }

  async drawn(first, second) {
    const { prior, classes } = this.model.page;
    const walk = greatCircle(first.z, second.z, FRAMES).map((z) => settle(prior, z));
    const z = new Float32Array(FRAMES * prior.size);
    walk.forEach((row, i) => z.set(row, i * prior.size));
    // a walk keeps the class of its start in the first half, and has that of its end in the second
    const labels = classes ? walk.map((_, i) => (2 * i < FRAMES ? first : second).label) : null;
    this.frames = await this.model.rows("generate", { z }, labels);
    this.stops?.forEach((canvas, i) =>
      paint(canvas, this.frames[(i * (FRAMES - 1)) / (STOPS - 1)], this.view),
    );
    const change = classes && first.label !== second.label ? " The class changes half way." : "";
    this.title.textContent = `A: ${name(first)}. B: ${name(second)}.${change}`;
    this.show();
  }

  show() {
    const place = Number(this.position.value);
    this.position.style.setProperty("--to", `${(100 * place) / (FRAMES - 1)}%`);
    this.position.setAttribute(
      "aria-valuetext",
      `${Math.round((100 * place) / (FRAMES - 1))} percent of the way`,
    );
    this.stops?.forEach((canvas, i) => {
      canvas.dataset.here = String(Math.round((place * (STOPS - 1)) / (FRAMES - 1)) === i);
    });
    if (this.frames.length)
      this.stage.show(this.frames[place], this.stage.points ? this.frames : []);
  }

  toggle() {
    if (this.timer) return this.stop();
    this.play.textContent = "Pause";
    const began = performance.now() - this.phase() * 1000 * SECONDS;
    const step = (now) => {
      const phase = ((now - began) / (1000 * SECONDS)) % 2; // there, and back
      this.position.value = Math.round((phase < 1 ? phase : 2 - phase) * (FRAMES - 1));
      this.show();
      this.timer = requestAnimationFrame(step);
    };
    this.timer = requestAnimationFrame(step);
  }

  phase() {
    return Number(this.position.value) / (FRAMES - 1);
  }

  stop() {
    cancelAnimationFrame(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
  }
}
