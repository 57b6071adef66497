// Answers the tasks of elsewhere.py with ONNX Runtime in Node: node elsewhere_node.js FOLDER MODULES
const fs = require("fs");
const path = require("path");

const [folder, modules] = process.argv.slice(2);
const ort = require(path.resolve(modules, "onnxruntime-node"));
const arrays = { float32: Float32Array, int64: BigInt64Array, int32: Int32Array };

function tensor({ dtype, shape, file }) {
  const bytes = fs.readFileSync(path.join(folder, file));
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  return new ort.Tensor(dtype, new arrays[dtype](buffer), shape);
}

async function main() {
  const tasks = JSON.parse(fs.readFileSync(path.join(folder, "tasks.json")));
  let session = null;
  let graph = null;
  for (const task of tasks) {
    if (task.graph !== graph) {
      graph = task.graph;
      session = await ort.InferenceSession.create(graph, { intraOpNumThreads: 1 });
    }
    const feeds = Object.fromEntries(task.inputs.map((about) => [about.name, tensor(about)]));
    const answers = await session.run(feeds);
    for (const about of task.outputs) {
      const data = answers[about.name].data;
      fs.writeFileSync(
        path.join(folder, about.file),
        Buffer.from(data.buffer, data.byteOffset, data.byteLength),
      );
    }
  }
  const version = require(path.resolve(modules, "onnxruntime-node", "package.json")).version;
  console.log(JSON.stringify({ node: process.version, "onnxruntime-node": version }));
}

main();
