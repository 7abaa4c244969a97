// Advice: what to do where no model is served.

import { element } from "./page.js";

const code = (text) => element("code", {}, text);

/** Write what to do without models, a paragraph each. */
export function withoutModels() {
  return [
    ["No model is served. One that is put into a folder of the service is taken up by itself."],
    ["To train one: ", code("ganforge train acgan --data digits --publish FOLDER")],
    [
      "FOLDER is one that ",
      code("GANFORGE_MODELS"),
      " names, or else ",
      code("checkpoints"),
      " where the service was started. A checkpoint that you have, NAME.safetensors, can be copied there.",
    ],
    [
      "To serve again what was unloaded: ",
      code("POST /admin/models/NAME/load"),
      " with the admin key. The service's ",
      element("a", { href: "readyz" }, "status"),
      " lists the files that it refused, and why.",
    ],
  ];
}
