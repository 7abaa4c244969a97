// Tabs: which view is shown.

import { byId } from "./page.js";
import { rest, rove } from "./roving.js";

export class Tabs {
  constructor(chosen) {
    this.list = byId("tabs");
    this.buttons = [...this.list.children];
    for (const button of this.buttons) {
      button.addEventListener("click", () => chosen(button.dataset.view));
    }
    rove(this.list, (button) => button.click());
  }

  show(view) {
    for (const button of this.buttons) {
      const current = button.dataset.view === view;
      button.setAttribute("aria-selected", String(current));
      if (current) rest(this.list, button);
    }
  }
}
