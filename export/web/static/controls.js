// What the user chooses before samples are drawn: the seed, how many, and the class.

import { element } from "./elements.js";
import * as seeds from "./seeds.js";

const COUNTS = [4, 16, 36, 64];

export class Controls {
  /** `count` is the first number of samples; `fixed` says that it stays. */
  constructor(classes, { count, fixed }, onchange) {
    Object.assign(this, { classes, count, onchange });
    const stored = new URLSearchParams(location.hash.slice(1));
    this.seed = element("input", {
      id: "seed",
      inputMode: "numeric",
      autocomplete: "off",
      maxLength: 19,
      value: stored.get("seed") ?? "0",
      onchange,
    });
    const row = element("div", { className: "controls" }, ...this.ofSeed());
    if (!fixed) row.append(this.ofCount());
    this.element = element("div", {}, row);
    if (classes) this.element.append(this.ofClass(stored.get("label") ?? ""));
  }

  ofSeed() {
    const button = (text, name, onclick, className = "") =>
      element("button", { type: "button", title: name, onclick, className }, text);
    const [less, more] = [
      button("−", "Previous seed", () => this.move(-1n)),
      button("+", "Next seed", () => this.move(1n)),
    ];
    less.setAttribute("aria-label", "Previous seed");
    more.setAttribute("aria-label", "Next seed");
    return [
      element("label", { for: "seed" }, "Seed"),
      element("div", { className: "joined" }, less, this.seed, more),
      button("Surprise me", "A random seed", () => this.set(seeds.random()), "primary"),
    ];
  }

  ofCount() {
    const options = COUNTS.map((value) =>
      element("option", { value, selected: value === this.count }, `${value}`),
    );
    const select = element("select", { id: "count" }, ...options);
    select.onchange = () => {
      this.count = Number(select.value);
      this.onchange();
    };
    const label = element("label", { for: "count" }, "Number");
    return element("span", { className: "number" }, label, select);
  }

  ofClass(stored) {
    const radio = (value, text) => {
      const checked = value === stored;
      const input = element("input", { type: "radio", name: "label", value, checked });
      input.onchange = this.onchange;
      return element("label", { className: "chip" }, input, element("span", {}, text));
    };
    const numbers = Array.from({ length: this.classes }, (_, i) => radio(`${i}`, `${i}`));
    const legend = element("legend", {}, "Class");
    this.chips = element("fieldset", { className: "chips" }, legend, radio("", "All"), ...numbers);
    return this.chips;
  }

  get chosenClass() {
    return this.chips?.querySelector("input:checked")?.value ?? "";
  }

  /** The class of sample i: the chosen one, or the classes in turn; null without classes. */
  label(i) {
    if (!this.classes) return null;
    return this.chosenClass ? Number(this.chosenClass) : i % this.classes;
  }

  move(change) {
    try {
      this.set(seeds.parse(this.seed.value) + change);
    } catch {
      this.set(0n);
    }
  }

  set(seed) {
    this.seed.value = `${seed < 0n ? 0n : seed}`;
    this.onchange();
  }

  /** Returns the seed of every sample, and keeps the choice in the address of the page. */
  rows() {
    this.seed.setAttribute("aria-invalid", "true");
    const rows = seeds.rows(seeds.parse(this.seed.value), this.count);
    this.seed.removeAttribute("aria-invalid");
    const label = this.chosenClass ? `&label=${this.chosenClass}` : "";
    history.replaceState(null, "", `#seed=${this.seed.value.trim()}${label}`);
    return rows;
  }
}
