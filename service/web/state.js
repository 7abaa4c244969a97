// State: what is shown. The page's address holds it, so that a link shows the same images.

import { fit, read, write } from "./address.js";

/** The state of the page; `changed` is called with it whenever it is another. */
export class State {
  #writing = 0;
  #arrived = true; // nothing has been chosen since the address was read

  constructor(changed) {
    this.#arrive();
    this.changed = changed;
    addEventListener("hashchange", () => {
      clearTimeout(this.#writing);
      this.#arrive();
      this.changed(this.now);
    });
  }

  /** Take up what the address says, and what of it is `wrong`; links written by hand have a `?`. */
  #arrive() {
    const { state, wrong } = read(location.hash || location.search);
    this.now = state;
    this.wrong = wrong;
    this.#arrived = true;
  }

  /** Leave out what the address says and the model has not; what was chosen stays, for others. */
  fit(model) {
    if (!this.#arrived) return;
    const { state, wrong } = fit(this.now, model);
    this.now = state;
    this.wrong.push(...wrong);
  }

  /** Change some of it; a step is what the browser's Back takes back. */
  set(some, { step = false } = {}) {
    clearTimeout(this.#writing);
    if (step) this.#write("replaceState");
    this.now = { ...this.now, ...some };
    this.wrong = [];
    this.#arrived = false;
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
    if (address !== location.hash) history[how](null, "", location.pathname + address);
  }

  /** Return a link to some other state. */
  link(some = {}) {
    return new URL(location.pathname + write({ ...this.now, ...some }), location.href).href;
  }
}
