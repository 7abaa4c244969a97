// Latest: of jobs that come faster than they are done, the newest alone is done.

export class Latest {
  #running = false;
  #next = null;

  /** Do a job, after the one that is being done and in place of any that waits. */
  async do(job) {
    this.#next = job;
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#next) {
        const next = this.#next;
        this.#next = null;
        await next(() => this.#next === null);
      }
    } finally {
      this.#running = false;
    }
  }
}
