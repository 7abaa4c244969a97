// File: what the visitor takes along.

import { element, say } from "./page.js";

/** Save what an address holds. */
export function save(address, name) {
  element("a", { href: address, download: name }).click();
  say(`Saved ${name}`);
}

/** Save bytes. */
export function saveBlob(blob, name) {
  const address = URL.createObjectURL(blob);
  save(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // the browser has begun to read by then
}

/** Put text on the clipboard; pages of plain http have only the old way. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text);
  }
  say(`Copied ${what}`);
}

function copyBySelection(text) {
  const area = element("textarea", { readonly: "", class: "unseen" }, text);
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
