// The model as the page sees it: calls that are answered by the worker.

export class Model {
  constructor() {
    this.waiting = new Map();
    this.count = 0;
    this.worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => this.answered(data);
    this.worker.onerror = (event) => {
      const error = new Error(
        `This browser cannot run the model: ${event.message ?? "module workers are missing"}.`,
      );
      for (const { reject } of this.waiting.values()) reject(error);
      this.waiting.clear();
    };
  }

  answered({ id, result, error }) {
    const { resolve, reject } = this.waiting.get(id) ?? {};
    this.waiting.delete(id);
    if (error) reject?.(new Error(error));
    else resolve?.(result);
  }

  ask(kind, rest = {}) {
    const id = this.count++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, kind, ...rest });
    });
  }

  async load() {
    this.page = await this.ask("load");
    return this.page;
  }

  /** Compares an endpoint with its golden rows; returns {endpoint, rows, largest}. */
  check(endpoint) {
    return this.ask("check", { endpoint });
  }

  offers(endpoint) {
    return endpoint in this.page.routes;
  }

  /** Says whether samples have latents that the page knows. */
  get latents() {
    return this.offers("generate") && this.page.routes.sample?.[0] === "prior";
  }

  /** Returns {name: {data, dims}}; `labels` are for endpoints that take one, one for each row. */
  run(endpoint, inputs, labels = null) {
    if ("label" in this.page.endpoints[endpoint].inputs) {
      inputs = { ...inputs, label: BigInt64Array.from(labels, BigInt) };
    }
    return this.ask("run", { endpoint, inputs });
  }

  /** Returns the rows of the first output, each a typed array. */
  async rows(endpoint, inputs, labels = null) {
    const [{ data, dims }] = Object.values(await this.run(endpoint, inputs, labels));
    const size = data.length / dims[0];
    return Array.from({ length: dims[0] }, (_, i) => data.slice(i * size, (i + 1) * size));
  }
}

/** Returns a function that runs `work`; of calls that come while it runs, only the last is made. */
export function latest(work) {
  let [running, next] = [false, null];
  return async function call(...values) {
    next = values;
    if (running) return;
    running = true;
    try {
      while (next) {
        const given = next;
        next = null;
        await work(...given);
      }
    } finally {
      running = false;
    }
  };
}
