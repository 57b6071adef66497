// Computes away from the page, so that the page never waits. Requests are answered in their order.

import { check } from "./check.js";
import { given, taken } from "./layouts.js";
import { Routes, get } from "./routes.js";

let [page, routes] = [null, null];
let queue = Promise.resolve();

const ANSWERS = {
  async load() {
    page = await (await get("model/page.json")).json();
    routes = new Routes(page);
    return page;
  },
  async run({ endpoint, inputs }) {
    const described = page.endpoints[endpoint].inputs;
    const outputs = await routes.run(endpoint, given(inputs, described, page.layout));
    return taken(outputs, page.layout);
  },
  check: ({ endpoint }) => check(page, routes, endpoint),
};

onmessage = ({ data }) => {
  queue = queue.then(async () => {
    try {
      postMessage({ id: data.id, result: await ANSWERS[data.kind](data) });
    } catch (error) {
      postMessage({ id: data.id, error: error.message ?? String(error) });
    }
  });
};
