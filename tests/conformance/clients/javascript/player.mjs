// Plays the cases with an AWS SDK for JavaScript: node player.mjs SDK PROGRAM. The language of the steps is told in README.md.

import { readFileSync } from "node:fs";

const { connect, check_refusal } = await import(`./${process.argv[2]}.mjs`);
const program = JSON.parse(readFileSync(process.argv[3], "utf-8"));
const send = connect(program);

class Mismatch extends Error {}

const is_object = (value) => value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array);

// Every text, list member and object member of `value`, changed by `change` where that returns something.
function map_tree(value, change) {
  const changed = change(value);
  if (changed !== undefined) return changed;
  if (Array.isArray(value)) return value.map((item) => map_tree(item, change));
  if (is_object(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, map_tree(item, change)]));
  return value;
}

const fill = (value, variables) =>
  map_tree(value, (text) => typeof text === "string" ? text.replace(/\$\{(\w+)\}/g, (_, name) => variables[name]) : undefined);

const to_sdk = (value) =>
  map_tree(value, (item) => is_object(item) && "$bytes" in item ? Uint8Array.from(Buffer.from(item.$bytes, "base64")) : undefined);

const to_plain = (value) =>
  map_tree(value, (item) => item instanceof Uint8Array ? Buffer.from(item).toString("base64") : undefined);

const short = (value) => (JSON.stringify(value) ?? "nothing").slice(0, 300);

function need(holds, path, expected, actual) {
  if (!holds) throw new Mismatch(`${path || "output"}: expected ${short(expected)}, got ${short(actual)}`);
}

const is_absent = (value) => value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);

const matchers = {
  $absent: (_, actual, path) => need(is_absent(actual), path, "nothing", actual),
  $matches: (regex, actual, path) => need(typeof actual === "string" && new RegExp(regex, "s").test(actual), path, regex, actual),
  $length: (count, actual, path) => need(actual && Object.keys(actual).length === count, path, `${count} items`, actual),
  $between: ([low, high], actual, path) => need(actual !== undefined && low <= +actual && +actual <= high, path, [low, high], actual),
  $not: (value, actual, path) => need(actual !== value, path, `not ${value}`, actual),
  $unordered(wanted, actual, path) {
    need(Array.isArray(actual) && actual.length === wanted.length, path, wanted, actual);
    const left = [...actual];
    for (const item of wanted) {
      const at = left.findIndex((one) => matching(item, one));
      need(at >= 0, path, item, left);
      left.splice(at, 1);
    }
  },
};

// Throws a Mismatch. Objects match in part, lists as a whole.
function match(expected, actual, path = "") {
  if (is_object(expected)) {
    const [first] = Object.keys(expected);
    if (first?.startsWith("$")) return matchers[first](expected[first], actual, path);
    need(is_object(actual), path, expected, actual);
    for (const [key, item] of Object.entries(expected)) match(item, actual[key], `${path}.${key}`);
  } else if (Array.isArray(expected)) {
    need(Array.isArray(actual) && actual.length === expected.length, path, expected, actual);
    expected.forEach((item, n) => match(item, actual[n], `${path}.${n}`));
  } else {
    need(expected === actual, path, expected, actual);
  }
}

function matching(expected, actual) {
  try {
    match(expected, actual);
    return true;
  } catch (wrong) {
    if (wrong instanceof Mismatch) return false;
    throw wrong;
  }
}

const look_up = (output, path) => path.split(".").reduce((value, key) => value[key], output);
const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

async function run_call(step, variables) {
  const input = to_sdk(fill(step.input, variables));
  const started = performance.now();
  let output;
  try {
    output = to_plain(await send(step.call, input));
  } catch (error) {
    need(step.refused, step.call, "an answer", `${error.name} ${error.message}`);
    return check_refusal(fill(step.refused, variables), error, need);
  }
  const took = (performance.now() - started) / 1000;
  need(!step.refused, step.call, step.refused, output);
  match(fill(step.expect ?? {}, variables), output);
  const [low, high] = step.took_seconds ?? [0, Infinity];
  need(low <= took && took <= high, "seconds taken", [low, high], took);
  for (const [name, path] of Object.entries(step.save ?? {})) variables[name] = look_up(output, path);
}

async function run_patiently(step, variables) {
  const deadline = performance.now() + (step.within_seconds ?? 0) * 1000;
  for (;;) {
    try {
      return await run_call(step, variables);
    } catch (wrong) {
      if (!(wrong instanceof Mismatch) || performance.now() >= deadline) throw wrong;
      await sleep(0.2);
    }
  }
}

async function run_lane(steps, variables) {
  for (const [number, step] of steps.entries()) {
    try {
      if (step.sleep_seconds) await sleep(step.sleep_seconds);
      else if (step.together) await Promise.all(step.together.map((lane) => run_lane(lane, variables)));
      else await run_patiently(step, variables);
    } catch (wrong) {
      wrong.message = `step ${number + 1} ${step.call ?? ""}: ${wrong.message}`;
      throw wrong;
    }
  }
}

let failures = 0;
const waiting = [...program.cases];

async function worker() {
  for (let one = waiting.shift(); one; one = waiting.shift()) {
    try {
      await run_lane(one.steps, { ...one.variables });
      console.log(`ok ${one.name}`);
    } catch (wrong) {
      failures += 1;
      console.log(`not ok ${one.name} - ${`${wrong.name}: ${wrong.message}`.replaceAll("\n", " ").slice(0, 900)}`);
    }
  }
}

await Promise.all(Array.from({ length: program.workers }, worker));
process.exit(failures ? 1 : 0);
