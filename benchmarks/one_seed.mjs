// Computes a graph `sample` in Node, or in a browser that imports this; prints float32 in base 64.
//
//   node one_seed.mjs sample.onnx < inputs.json

/** Returns the only output of a graph; inputs are {name: integers as texts}. */
export async function outputs(ort, graph, inputs) {
  const session = await ort.InferenceSession.create(graph);
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, values]) => {
      return [name, new ort.Tensor("int64", BigInt64Array.from(values, BigInt), [values.length])];
    }),
  );
  const [{ data }] = Object.values(await session.run(feeds));
  let text = "";
  for (const byte of new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) {
    text += String.fromCharCode(byte);
  }
  return btoa(text);
}

if (globalThis.process?.argv) {
  const { readFileSync } = await import("node:fs");
  const { createRequire } = await import("node:module");
  const ort = createRequire(import.meta.url)("onnxruntime-node");
  const inputs = JSON.parse(readFileSync(0, "utf8"));
  process.stdout.write(await outputs(ort, readFileSync(process.argv[2]), inputs));
}
