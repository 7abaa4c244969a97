// Roving: of many buttons beside one another Tab reaches one, and the arrows the others.

const MOVES = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

/** Let arrows move among a group's buttons, also up and down where they stand in rows. */
export function rove(group, moved = () => {}) {
  const buttons = () => [...group.querySelectorAll("button")];
  group.addEventListener("focusin", ({ target }) => rest(group, target.closest("button")));
  group.addEventListener("keydown", (event) => {
    const all = buttons();
    const from = all.indexOf(event.target);
    const step = MOVES[event.key] ?? rows(event.key) * columns(all);
    if (from < 0 || !step) return;
    event.preventDefault();
    const to = all[Math.max(0, Math.min(all.length - 1, from + step))];
    to.focus();
    moved(to);
  });
}

/** Make one button the one that Tab reaches. */
export function rest(group, chosen) {
  for (const button of group.querySelectorAll("button")) {
    button.tabIndex = button === chosen ? 0 : -1;
  }
}

const rows = (key) => ({ ArrowUp: -1, ArrowDown: 1 })[key] ?? 0;

function columns(buttons) {
  const top = buttons[0]?.offsetTop;
  const more = buttons.findIndex((button) => button.offsetTop !== top);
  return more < 0 ? 0 : more;
}
