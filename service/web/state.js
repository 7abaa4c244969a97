// State: what is shown. The page's address holds it, so that a link shows the same images.

export const SEEDS = 2 ** 53; // a seed is below it
const VIEWS = ["grid", "walk", "codes", "compare", "judge"];
const FRAMES = ["16", "32", "64", "128"];

const number = (least, most) => ({
  read: (text) => (/^\d{1,16}$/.test(text) && +text >= least && +text < most ? +text : undefined),
  write: String,
});
const index = {
  read: (text) => (/^\d{1,6}$/.test(text) ? +text : undefined),
  write: (at) => (at === null ? undefined : String(at)),
};
const text = { read: (given) => given, write: (given) => given || undefined };
const listOf = (read) => ({
  read: (given) => given.split(",").map((one) => (one === "" ? null : read(one))),
  write: (list) => (list.some((one) => one !== null) ? list.map((v) => v ?? "").join() : undefined),
});
const clamp = (given) => Math.max(-3, Math.min(3, Number(given) || 0));
const whole = (given) => Math.max(0, Math.trunc(Number(given) || 0));

const FIELDS = {
  view: { read: (given) => (VIEWS.includes(given) ? given : undefined), write: (view) => view },
  model: text,
  weights: text,
  class: index,
  seed: number(0, SEEDS),
  n: number(1, 1025),
  to: number(0, SEEDS),
  toClass: index,
  frames: { read: (given) => (FRAMES.includes(given) ? +given : undefined), write: String },
  loop: { read: (given) => given === "1", write: (on) => (on ? "1" : undefined) },
  categorical: listOf(whole),
  continuous: listOf(clamp),
  as: index,
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

/** Read what an address says; what makes no sense is as if it were not there. */
export function read(hash) {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const found = { ...DEFAULTS };
  for (const [name, field] of Object.entries(FIELDS)) {
    const value = said.has(name) ? field.read(said.get(name)) : undefined;
    if (value !== undefined) found[name] = value;
  }
  return found;
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

/** The state of the page; `changed` is called with it whenever it is another. */
export class State {
  #writing = 0;

  constructor(changed) {
    this.now = read(location.hash);
    this.changed = changed;
    addEventListener("hashchange", () => {
      clearTimeout(this.#writing);
      this.now = read(location.hash);
      this.changed(this.now);
    });
  }

  /** Change some of it; a step is what the browser's Back takes back. */
  set(some, { step = false } = {}) {
    clearTimeout(this.#writing);
    if (step) this.#write("replaceState");
    this.now = { ...this.now, ...some };
    this.changed(this.now);
    if (step) this.#write("pushState");
    else this.settle();
  }

  /** Write the address soon: browsers limit how often it may change, and sliders move often. */
  settle() {
    clearTimeout(this.#writing);
    this.#writing = setTimeout(() => this.#write("replaceState"), 200);
  }

  #write(how) {
    const address = write(this.now);
    if (address !== location.hash) history[how](null, "", address);
  }

  /** Return a link to some other state. */
  link(some = {}) {
    return new URL(write({ ...this.now, ...some }), location.href).href;
  }
}
