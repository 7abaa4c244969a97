// Seed: a field for one, which keeps what was typed until it makes sense.

import { SEEDS } from "./address.js";

/** Draw a seed that is short enough to be read out. */
export const draw = () => crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000;

/** Call `chosen` with each seed that a field is given, and say what is wrong with other text. */
export function seedField({ input, shuffle, error }, chosen) {
  const take = (seed) => {
    refuse(input, error, "");
    chosen(seed);
  };
  input.addEventListener("change", () => {
    const text = input.value.trim();
    const seed = Number(text);
    if (/^\d+$/.test(text) && seed < SEEDS) take(seed);
    else refuse(input, error, `Expected a whole number from 0 to ${SEEDS - 1}`);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const seed = Number(input.value) + step;
    if (!step || !(seed >= 0 && seed < SEEDS)) return;
    event.preventDefault();
    take(seed);
  });
  shuffle.addEventListener("click", () => take(draw()));
}

function refuse(input, error, why) {
  error.textContent = why;
  input.setAttribute("aria-invalid", String(Boolean(why)));
}

/** Show a seed, unless its field holds text that waits to be mended. */
export function showSeed(input, seed) {
  if (input.getAttribute("aria-invalid") !== "true") input.value = seed;
}
