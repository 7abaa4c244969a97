// Panel: one view. It asks for nothing that it shows already, and keeps what it shows on an error.

import { Problem } from "./api.js";
import { Latest } from "./latest.js";
import * as notice from "./notice.js";

export class Panel {
  #latest = new Latest();
  #shown = null;

  constructor(root) {
    this.root = root;
    this.notice = root.querySelector(".notice");
  }

  /** Do a job unless what it makes, named by `what`, is shown already. */
  async bring(what, job) {
    const name = JSON.stringify(what);
    if (name === this.#shown) return;
    this.#shown = name;
    await this.attempt(job, () => this.bring(what, job), () => (this.#shown = null));
  }

  /** Do a job; what goes wrong is said above what is shown. */
  attempt(job, again, failed = () => {}) {
    return this.#latest.do(async (newest) => {
      this.root.setAttribute("aria-busy", "true");
      try {
        await job(newest);
        if (newest()) notice.clear(this.notice);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        failed();
        if (newest()) notice.show(this.notice, [error.message], again);
      } finally {
        if (newest()) this.root.removeAttribute("aria-busy");
      }
    });
  }
}
