// What the model is, and how far this browser's numbers are from its own.

import { element, panel, say } from "./elements.js";

export class Card {
  constructor(page) {
    this.page = page;
    const facts = page.facts.flatMap(([term, text]) => [
      element("dt", {}, term),
      element("dd", {}, text),
    ]);
    this.rows = element("tbody", {});
    const table = element(
      "table",
      {},
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          ...["Endpoint", "Rows", "Largest difference"].map((text) =>
            element("th", { scope: "col" }, text),
          ),
        ),
      ),
      this.rows,
    );
    const check = element(
      "div",
      {},
      element("h3", {}, "Check in this browser"),
      element(
        "p",
        { className: "caption" },
        "The bundle holds what the trained model computed. This browser computes the same again; " +
          `a difference of ${scientific(page.tolerance)} is accepted.`,
      ),
      table,
    );
    this.element = panel(
      "about",
      "About this model",
      page.sentence,
      element("div", { className: "halves" }, element("dl", {}, ...facts), check),
    );
  }

  /** Adds what a check of one endpoint gave: {endpoint, rows, largest}. */
  add({ endpoint, rows, largest }) {
    const row = element(
      "tr",
      {},
      ...[endpoint, `${rows}`, scientific(largest)].map((text) => element("td", {}, text)),
    );
    row.dataset.kind = largest <= this.page.tolerance ? "good" : "error";
    this.rows.append(row);
  }
}

/** Says the verdict of a check, {endpoint, rows, largest} of every endpoint, in the status line. */
export function verdict(place, rows, tolerance) {
  const wrong = rows.filter(({ largest }) => !(largest <= tolerance));
  const largest = Math.max(...rows.map((row) => row.largest));
  if (wrong.length) {
    const names = wrong.map(({ endpoint }) => endpoint).join(", ");
    return say(
      place,
      `This browser computes something else than the trained model (${names}): ` +
        `differences up to ${scientific(largest)}.`,
      "error",
    );
  }
  say(
    place,
    "Checked: this browser computes what the trained model computed. " +
      `Largest difference: ${scientific(largest)}.`,
    "good",
  );
}

/** Returns a number such as 2.4 × 10⁻⁷. */
function scientific(value) {
  if (!(value > 0)) return Number.isNaN(value) ? "not a number" : "0";
  const [digits, power] = value.toExponential(1).split("e");
  const raised = [...power.replace("+", "")]
    .map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign]))
    .join("");
  return `${digits} × 10${raised}`;
}
