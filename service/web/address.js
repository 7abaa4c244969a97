// Address: what the page's address says of what is shown, and what of that makes no sense.

export const SEEDS = 2 ** 53; // a seed is below it
export const MOST = 960; // images in a grid
const VIEWS = ["grid", "walk", "codes", "compare", "judge"];
const FRAMES = ["16", "32", "64", "128"];
export const WIDEST = 3; // a continuous code: trained on -1 to 1, what is beyond is worth a look
const SHOWN = 40; // characters of what was found

const whole = (text) => (/^\d{1,6}$/.test(text) ? +text : undefined);
const code = (text) => (Math.abs(Number(text)) <= WIDEST ? Number(text) : undefined);

const number = (least, most, usual) => ({
  read: (text) => (/^\d{1,16}$/.test(text) && +text >= least && +text <= most ? +text : undefined),
  write: String,
  expected: () => `a whole number from ${least} to ${most}`,
  usual,
});
const text = { read: (given) => given, write: (given) => given || undefined };
const indexOf = (usual) => ({
  read: whole,
  write: (at) => (at === null ? undefined : String(at)),
  has: (at, { classes }) => classes.length === 0 || at < classes.length,
  expected: ({ name, classes }) =>
    `a class by its number${classes.length ? `, from 0 to ${classes.length - 1} for ${name}` : ""}`,
  usual,
});
const listOf = (read) => ({
  read(given) {
    const list = given.split(",").map((one) => (one === "" ? null : read(one)));
    return list.includes(undefined) ? undefined : list;
  },
  write: (list) => (list.some((one) => one !== null) ? list.map((v) => v ?? "").join() : undefined),
  usual: "what the seed draws",
});
const counts = ({ codes }) => codes?.categorical ?? [];

/** Each reads and writes its text, and may say what it expects of it or whether a model has it. */
const FIELDS = {
  view: {
    read: (given) => (VIEWS.includes(given) ? given : undefined),
    write: (view) => view,
    expected: () => `one of ${VIEWS.join(", ")}`,
    usual: "the grid",
  },
  model: text,
  weights: text,
  class: indexOf("the class that the seed draws"),
  seed: number(0, SEEDS - 1, "seed 0"),
  n: number(1, MOST, "48 images"),
  to: number(0, SEEDS - 1, "a walk to seed 1"),
  toClass: indexOf("a walk to the class that the seed draws"),
  frames: {
    read: (given) => (FRAMES.includes(given) ? +given : undefined),
    write: String,
    expected: () => `one of ${FRAMES.join(", ")}`,
    usual: "a walk of 32 frames",
  },
  loop: {
    read: (given) => ({ 0: false, 1: true })[given],
    write: (on) => (on ? "1" : undefined),
    expected: () => "1 for a walk that comes back, or 0",
    usual: "a walk that does not come back",
  },
  categorical: {
    ...listOf(whole),
    has: (list, model) => counts(model).every((count, at) => !(list[at] >= count)),
    expected: (model) =>
      ["whole numbers, with commas between", ...counts(model).map((n) => `below ${n}`)].join(", "),
  },
  continuous: {
    ...listOf(code),
    expected: () => `numbers from ${-WIDEST} to ${WIDEST}, with commas between`,
  },
  as: indexOf("a verdict on the image's own class"),
};
const DEFAULTS = {
  view: "grid",
  model: "",
  weights: "",
  class: null,
  seed: 0,
  n: 48,
  to: 1,
  toClass: null,
  frames: 32,
  loop: false,
  categorical: [],
  continuous: [],
  as: null,
};
const ALWAYS = ["view", "model", "seed"];

/** Read what is said behind `#` or `?`; what is `wrong`, [name, text] each, has its default. */
export function read(address) {
  const said = new URLSearchParams(address.replace(/^#/, ""));
  const state = { ...DEFAULTS };
  const wrong = [...said].filter(([name]) => !Object.hasOwn(FIELDS, name));
  for (const [name, field] of Object.entries(FIELDS)) {
    const given = said.get(name);
    if (!given) continue;
    const value = field.read(given);
    if (value === undefined) wrong.push([name, given]);
    else state[name] = value;
  }
  return { state, wrong };
}

/** Leave out what a model does not have; that is `wrong` too. */
export function fit(before, model) {
  const state = { ...before };
  const lacks = ([name, { has }]) => has && !has(before[name], model);
  const wrong = Object.entries(FIELDS)
    .filter(lacks)
    .map(([name, field]) => [name, field.write(before[name])]);
  for (const [name] of wrong) state[name] = DEFAULTS[name];
  return { state, wrong };
}

const cut = (text) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

/** Say what is wrong: what was found, what was expected, what is shown. */
export function complaint([name, given], model) {
  const found = `The address says ${cut(name)}=${cut(given)}`;
  if (!Object.hasOwn(FIELDS, name)) {
    return `${found}; expected are ${Object.keys(FIELDS).join(", ")}. It changes nothing.`;
  }
  const { expected, usual } = FIELDS[name];
  return `${found}; expected ${expected(model)}. Shown is ${usual}.`;
}

/** Write what differs from the defaults, and what a reader wants to see. */
export function write(state) {
  const said = new URLSearchParams();
  for (const [name, field] of Object.entries(FIELDS)) {
    const value = field.write(state[name]);
    const usual = value === field.write(DEFAULTS[name]) && !ALWAYS.includes(name);
    if (value !== undefined && !usual) said.set(name, value);
  }
  return `#${said}`;
}
