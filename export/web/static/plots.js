// Plots of points: a scatter in the plane, a histogram on the line.

const MARGIN = 0.12; // of the extent of the points, on each side

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Returns {low, high, scale} of a coordinate system around points, the same on both axes. */
export function frame(points) {
  let largest = 1e-6;
  for (const point of points)
    for (const value of point) largest = Math.max(largest, Math.abs(value));
  const limit = largest * (1 + MARGIN);
  return { low: -limit, high: limit };
}

/**
 * Paints points [[x, y]] or [[x]]; `marks` are points in front of them, `path` a line through some.
 * `names` are letters next to the marks.
 */
export function plot(canvas, points, { marks = [], path = [], names = [] } = {}) {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  const { low, high } = frame(points.length ? points : [...marks, ...path]);
  context.clearRect(0, 0, width, height);
  const across = (value) => ((value - low) / (high - low)) * width;
  const line = (points[0] ?? marks[0] ?? []).length === 1;
  const down = line
    ? () => height * 0.93
    : (value) => height - ((value - low) / (high - low)) * height;
  axes(context, across, down, width, height, line);
  if (line) histogram(context, points, across, low, high, width, height);
  else dots(context, points, across, down);
  context.strokeStyle = color("--accent");
  context.lineWidth = 5;
  context.lineJoin = "round";
  context.beginPath();
  for (const point of path) context.lineTo(across(point[0]), down(point[1]));
  context.stroke();
  marks.forEach((mark, i) => {
    context.fillStyle = color(names.length > 1 && i === 0 ? "--second" : "--accent");
    context.strokeStyle = color("--surface");
    context.lineWidth = 4;
    context.beginPath();
    context.arc(across(mark[0]), down(mark[1]), names[i] ? 17 : 13, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    if (!names[i]) return;
    context.fillStyle = color("--on-accent");
    context.font = "600 20px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(names[i], across(mark[0]), down(mark[1]) + 1);
  });
}

function axes(context, across, down, width, height, line) {
  context.strokeStyle = color("--line");
  context.lineWidth = 1.5;
  context.beginPath();
  if (!line) context.moveTo(across(0), 0);
  if (!line) context.lineTo(across(0), height);
  context.moveTo(0, down(0));
  context.lineTo(width, down(0));
  context.stroke();
}

function dots(context, points, across, down) {
  context.fillStyle = color("--ink");
  context.globalAlpha = 0.35;
  for (const [x, y] of points) {
    context.beginPath();
    context.arc(across(x), down(y), 3, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}

function histogram(context, points, across, low, high, width, height) {
  const counts = new Array(64).fill(0);
  for (const [x] of points) counts[Math.min(63, Math.floor((64 * (x - low)) / (high - low)))]++;
  const most = Math.max(1, ...counts);
  context.fillStyle = color("--ink");
  context.globalAlpha = 0.35;
  counts.forEach((count, i) => {
    const tall = (count / most) * height * 0.85;
    context.fillRect((i * width) / 64 + 1, height * 0.93 - tall, width / 64 - 2, tall);
  });
  context.globalAlpha = 1;
}

/** Returns the number of the point nearest to a place of a canvas, both from 0 to 1. */
export function nearest(points, right, down) {
  const { low, high } = frame(points);
  const at = [low + right * (high - low), low + (1 - down) * (high - low)];
  let [best, least] = [0, Infinity];
  points.forEach((point, i) => {
    const distance = point.reduce((sum, value, axis) => sum + (value - at[axis]) ** 2, 0);
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}
