// One sample, moved along the principal directions of the model by sliders.

import { settle } from "./draws.js";
import { element, panel } from "./elements.js";
import { latest } from "./model.js";
import { Stage } from "./pictures.js";
import { moved } from "./walks.js";

const REACH = 3; // standard deviations to either side

export class Explore {
  constructor(model, view) {
    this.model = model;
    this.directions = model.page.directions;
    this.stage = new Stage(view, "The sample, moved by the sliders");
    this.title = element("p", { className: "caption" });
    this.sliders = this.directions.vectors.map((_, k) => this.slider(k));
    const buttons = element(
      "div",
      { className: "controls" },
      element("button", { type: "button", onclick: () => this.set(() => 0) }, "Reset"),
      element(
        "button",
        { type: "button", onclick: () => this.set(() => 4 * Math.random() - 2) },
        "Anywhere",
      ),
    );
    const side = element(
      "div",
      { className: "side" },
      element("div", { className: "sliders" }, ...this.sliders.map(({ row }) => row)),
      buttons,
    );
    const text =
      `The sliders move sample B, by up to ${REACH} standard deviations, along ` +
      `${this.directions.how}; a percentage is ${this.directions.fraction}.`;
    this.element = panel(
      "explore",
      "Explore",
      text,
      element(
        "div",
        { className: "split" },
        element("figure", {}, this.stage.canvas, this.title),
        side,
      ),
    );
    this.draw = latest(() => this.drawn());
  }

  slider(k) {
    const id = `direction-${k}`;
    const percent = (100 * this.directions.fractions[k]).toFixed(0);
    const input = element("input", {
      id,
      type: "range",
      min: -REACH,
      max: REACH,
      step: 0.05,
      value: 0,
    });
    const value = element("output", { for: id }, "0.0");
    const show = () => {
      const amount = Number(input.value);
      const sign = amount > 0 ? "+" : amount < 0 ? "−" : "";
      value.textContent = `${sign}${Math.abs(amount).toFixed(1)}`;
      input.setAttribute("aria-valuetext", `${amount.toFixed(1)} standard deviations`);
      const [from, to] = [Math.min(0, amount), Math.max(0, amount)];
      input.style.setProperty("--from", `${(50 * (from + REACH)) / REACH}%`);
      input.style.setProperty("--to", `${(50 * (to + REACH)) / REACH}%`);
    };
    input.oninput = () => {
      show();
      this.draw();
    };
    show();
    const name = element(
      "label",
      { for: id },
      `Direction ${k + 1} `,
      element("small", {}, `${percent} %`),
    );
    return { input, show, row: element("div", { className: "slider" }, name, value, input) };
  }

  set(amount) {
    for (const { input, show } of this.sliders) {
      input.value = amount();
      show();
    }
    this.draw();
  }

  /** Starts anew from a sample, {z, label, x, name}; points are shown in front of `all`. */
  start(sample, all) {
    this.sample = sample;
    this.stage.others = all.map(({ x }) => x);
    this.title.textContent = sample.name ?? name(sample);
    this.set(() => 0);
  }

  async drawn() {
    const amounts = this.sliders.map(({ input }) => Number(input.value));
    if (amounts.every((amount) => amount === 0) && this.sample.x)
      return this.stage.show(this.sample.x);
    // a code of the encoder may lie where the prior never does: it is left there until it is moved
    const still = amounts.every((amount) => amount === 0);
    const z = moved(this.sample.z, this.directions, amounts);
    const settled = still ? z : settle(this.model.page.prior, z);
    const [x] = await this.model.rows("generate", { z: settled }, [this.sample.label]);
    this.stage.show(x);
  }
}

export function name({ seed, label }) {
  return `Seed ${seed}${label === null ? "" : `, class ${label}`}`;
}
