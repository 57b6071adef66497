// Runs the routes of page.json: an endpoint is one graph, or several, each of which takes what the
// one before it gave. Only the worker imports this.

import * as draws from "./draws.js";
import * as ort from "./onnxruntime-web/ort.js";

const ROWS = 16; // rows of one call of a graph, so that memory stays small

export const here = (path) => new URL(path, import.meta.url).href;

ort.env.wasm.numThreads = 1; // more need headers that not every server sends
ort.env.wasm.wasmPaths = { wasm: here("onnxruntime-web/ort.wasm") };

/** Fetches a file of the page; throws an Error with a sentence for the user. */
export async function get(path) {
  const answer = await fetch(here(path)).catch(() => null);
  if (!answer?.ok) throw new Error(`The file ${path} of this page could not be read.`);
  return answer;
}

/** The graphs of a page, each of which is loaded at its first use. */
export class Routes {
  constructor(page) {
    this.page = page;
    this.sessions = new Map();
  }

  async session(endpoint) {
    if (!this.sessions.has(endpoint)) {
      const bytes = await (await get(this.page.graphs[endpoint].path)).arrayBuffer();
      const options = { executionProviders: ["wasm"], logSeverityLevel: 3 };
      this.sessions.set(
        endpoint,
        await ort.InferenceSession.create(new Uint8Array(bytes), options),
      );
    }
    return this.sessions.get(endpoint);
  }

  /**
   * Returns the outputs of an endpoint, {name: {data, dims}}.
   *
   * `inputs` are {name: typed array}; noise that is absent is drawn from seed 0, row by row.
   */
  async run(endpoint, inputs) {
    const described = this.page.endpoints[endpoint].inputs;
    const [name, about] = Object.entries(described)[0];
    const size = product(about.shape.slice(1));
    const count = inputs[name].length / size;
    const parts = [];
    for (let first = 0; first < count; first += ROWS) {
      const rows = { first, last: Math.min(count, first + ROWS) };
      parts.push(await this.part(endpoint, this.cut(described, inputs, rows), rows));
    }
    return joined(parts, count);
  }

  cut(described, inputs, { first, last }) {
    const part = {};
    for (const [name, about] of Object.entries(described)) {
      const size = product(about.shape.slice(1));
      if (inputs[name]) part[name] = inputs[name].subarray(first * size, last * size);
      else if ("stream" in about) part[name] = noise(about.stream, size, first, last);
      else throw new Error(`The input ${name} is missing.`);
    }
    return part;
  }

  async part(endpoint, inputs, { first, last }) {
    let outputs = null;
    const [given] = Object.values(inputs);
    for (const step of this.page.routes[endpoint]) {
      if (step === "prior") {
        const latents = Array.from(given, (seed) => draws.latent(this.page.prior, seed));
        outputs = { z: { data: concatenated(latents), dims: [last - first, latents[0].length] } };
        continue;
      }
      const described = this.page.endpoints[step].inputs;
      const feeds = {};
      Object.entries(described).forEach(([name, about], i) => {
        const data = i === 0 && outputs ? Object.values(outputs)[0].data : inputs[name];
        feeds[name] = new ort.Tensor(about.dtype, data, [last - first, ...about.shape.slice(1)]);
      });
      outputs = await this.computed(step, feeds);
    }
    return outputs;
  }

  async computed(step, feeds) {
    const results = await (await this.session(step)).run(feeds);
    // in the manifest's order: a graph sorts its outputs
    return Object.fromEntries(
      Object.keys(this.page.endpoints[step].outputs).map((name) => {
        return [name, { data: results[name].data, dims: results[name].dims }];
      }),
    );
  }
}

export const product = (numbers) => numbers.reduce((result, number) => result * number, 1);

function noise(stream, size, first, last) {
  const rows = Array.from({ length: last - first }, (_, i) => {
    return draws.normal(BigInt(first + i), stream, size);
  });
  return concatenated(rows);
}

function concatenated(arrays) {
  const result = new arrays[0].constructor(arrays.reduce((sum, array) => sum + array.length, 0));
  let place = 0;
  for (const array of arrays) {
    result.set(array, place);
    place += array.length;
  }
  return result;
}

function joined(parts, count) {
  return Object.fromEntries(
    Object.entries(parts[0]).map(([name, { dims }]) => {
      const data = concatenated(parts.map((part) => part[name].data));
      return [name, { data, dims: [count, ...dims.slice(1)] }];
    }),
  );
}
