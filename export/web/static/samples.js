// The samples of a seed: a grid of pictures or a plot of points, of which two are chosen.

import { latent } from "./draws.js";
import { element, panel, say } from "./elements.js";
import { paint, pictureCanvas } from "./pictures.js";
import { nearest, plot } from "./plots.js";
import * as seeds from "./seeds.js";

const POINTS = 1024;

export class Samples {
  /** `onchoose(first, second, all)` is called with two samples: {seed, label, x, z}. */
  constructor(model, view, onchoose) {
    Object.assign(this, { model, view, onchoose, chosen: [0, 1], all: [] });
    this.points = view.kind === "plane" || view.kind === "line";
    const large = view.kind === "picture" && view.height > 40;
    this.count = this.points ? POINTS : large ? 16 : 36;
    this.grid = this.points
      ? element("canvas", { width: 640, height: 640, className: "plot" })
      : element("div", { className: "grid", role: "group", "aria-label": "Samples" });
    this.message = element("p", { className: "message", role: "status" });
    this.element = panel("samples", "Samples", this.explanation(), this.controls(), this.grid, this.message);
    if (this.points) this.choosePointsByClick();
  }

  explanation() {
    const what = this.points ? "point" : "sample";
    return this.model.latents
      ? `Choose a ${what} to explore it; choose another to walk from the one to the other.`
      : "Each seed gives the same samples in every browser.";
  }

  controls() {
    const stored = new URLSearchParams(location.hash.slice(1));
    this.seed = element("input", {
      id: "seed",
      inputMode: "numeric",
      autocomplete: "off",
      maxLength: 19,
      value: stored.get("seed") ?? "0",
      onchange: () => this.draw(),
    });
    const step = (text, name, change) => {
      return element("button", { type: "button", "aria-label": name, title: name, onclick: () => this.move(change) }, text);
    };
    const row = element(
      "div",
      { className: "controls" },
      element("label", { for: "seed" }, "Seed"),
      element("div", { className: "joined" }, step("−", "Previous seed", -1n), this.seed, step("+", "Next seed", 1n)),
      element("button", { type: "button", className: "primary", onclick: () => this.move(null) }, "Surprise me"),
      this.points ? "" : this.sizes(),
    );
    if (!this.model.page.classes) return row;
    return element("div", {}, row, this.labels(stored.get("label")));
  }

  sizes() {
    const choices = [4, 16, 36, 64].map((count) => {
      return element("option", { value: count, selected: count === this.count }, `${count}`);
    });
    const select = element("select", { id: "count" }, ...choices);
    select.onchange = () => {
      this.count = Number(select.value);
      this.draw();
    };
    return element("span", { className: "number" }, element("label", { for: "count" }, "Number"), select);
  }

  labels(stored) {
    const radio = (value, text) => {
      const input = element("input", { type: "radio", name: "label", value, checked: value === (stored ?? "") });
      input.onchange = () => this.draw();
      return element("label", { className: "chip" }, input, element("span", {}, text));
    };
    const classes = Array.from({ length: this.model.page.classes }, (_, i) => radio(`${i}`, `${i}`));
    this.fieldset = element("fieldset", { className: "chips" }, element("legend", {}, "Class"), radio("", "All"), ...classes);
    return this.fieldset;
  }

  /** The class of sample i: the chosen one, or the classes in turn. */
  label(i) {
    const chosen = this.fieldset?.querySelector("input:checked")?.value;
    if (!this.fieldset) return null;
    return chosen ? Number(chosen) : i % this.model.page.classes;
  }

  move(change) {
    let seed = seeds.random();
    if (change !== null) {
      try {
        seed = seeds.parse(this.seed.value) + change;
      } catch {
        seed = 0n;
      }
    }
    this.seed.value = `${seed < 0n ? 0n : seed}`;
    return this.draw();
  }

  async draw() {
    try {
      const rows = seeds.rows(seeds.parse(this.seed.value), this.count);
      const labels = Array.from(rows, (_, i) => this.label(i));
      say(this.message, "");
      this.seed.removeAttribute("aria-invalid");
      this.remember();
      const round = (this.round = (this.round ?? 0) + 1);
      this.grid.setAttribute("aria-busy", "true");
      const x = await this.model.rows("sample", { seed: rows }, labels);
      if (round !== this.round) return; // a newer seed was typed meanwhile
      this.all = x.map((values, i) => this.sample(rows[i], labels[i], values));
      this.chosen = this.chosen.map((i) => Math.min(i, this.count - 1));
      this.grid.removeAttribute("aria-busy");
      this.show();
      this.tell();
    } catch (error) {
      this.grid.removeAttribute("aria-busy");
      this.seed.setAttribute("aria-invalid", "true");
      say(this.message, error.message, "error");
    }
  }

  sample(seed, label, x) {
    return { seed, label, x, z: this.model.latents ? latent(this.model.page.prior, seed) : null };
  }

  remember() {
    const label = this.fieldset?.querySelector("input:checked")?.value;
    const hash = `#seed=${this.seed.value.trim()}${label ? `&label=${label}` : ""}`;
    history.replaceState(null, "", hash);
  }

  show() {
    if (this.points) return this.mark();
    this.grid.style.setProperty("--columns", Math.sqrt(this.count));
    if (this.grid.children.length !== this.count) {
      this.grid.replaceChildren(...this.all.map((_, i) => this.cell(i)));
    }
    this.all.forEach((sample, i) => paint(this.grid.children[i].firstChild, sample.x, this.view));
    this.mark();
  }

  cell(i) {
    const button = element("button", { type: "button", className: "cell", onclick: () => this.choose(i) }, pictureCanvas(this.view));
    button.disabled = !this.model.latents && !this.onchoose;
    return button;
  }

  choose(i) {
    if (i === this.chosen[1]) return;
    this.chosen = [this.chosen[1], i];
    this.mark();
    this.tell();
  }

  tell() {
    const [first, second] = this.chosen.map((i) => this.all[i]);
    this.onchoose(first, second, this.all);
  }

  mark() {
    if (this.points) {
      const marks = this.chosen.map((i) => this.all[i].x);
      const names = this.model.latents ? ["A", "B"] : [];
      plot(this.grid, this.all.map(({ x }) => x), { marks: this.model.latents ? marks : [], names });
      this.grid.setAttribute("role", "img");
      this.grid.setAttribute("aria-label", `${this.count} points that the model drew`);
      return;
    }
    this.all.forEach(({ label, seed }, i) => {
      const button = this.grid.children[i];
      const place = this.model.latents ? this.chosen.lastIndexOf(i) : -1;
      button.dataset.mark = place < 0 ? "" : "AB"[place];
      button.setAttribute("aria-pressed", String(place >= 0));
      const name = label === null ? "" : `, class ${label}`;
      button.setAttribute("aria-label", `Sample ${i + 1}${name}${place < 0 ? "" : `, ${"AB"[place]}`}`);
      button.title = `Seed ${seed}${name}`;
    });
  }

  choosePointsByClick() {
    this.grid.onclick = (event) => {
      const box = this.grid.getBoundingClientRect();
      const place = [(event.clientX - box.x) / box.width, (event.clientY - box.y) / box.height];
      this.choose(nearest(this.all.map(({ x }) => x), ...place));
    };
    if (!this.model.latents) return;
    const number = (name, place) => {
      const input = element("input", { type: "number", min: 1, max: this.count, value: this.chosen[place] + 1, id: `point-${name}` });
      input.onchange = () => {
        const i = Math.round(Number(input.value)) - 1;
        if (!(i >= 0 && i < this.count)) return;
        this.chosen[place] = i;
        this.mark();
        this.tell();
      };
      return [element("label", { for: `point-${name}` }, `Point ${name}`), input];
    };
    const row = element("div", { className: "controls" }, ...number("A", 0), ...number("B", 1));
    this.message.before(row);
  }
}
