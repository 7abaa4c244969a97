// Curl: the page's requests as commands. A key is named, never written out.

import { key } from "./key.js";

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const at = (path) => quote(new URL(path, document.baseURI).href);
const authorised = () => (key.value ? ` -H "authorization: Bearer $GANFORGE_KEY"` : "");

/** Write a request with a JSON body. */
export function posting(path, body, file) {
  const json = quote(JSON.stringify(body));
  return (
    `curl -s -X POST ${at(path)}${authorised()} -H 'content-type: application/json'` +
    ` -d ${json} -o ${quote(file)}`
  );
}

/** Write a request that sends a picture. */
export function sending(path, file) {
  return `curl -s -X POST ${at(path)}${authorised()} --data-binary @${quote(file)}`;
}

/** Write a request for several files, [path, file] each. */
export function fetching(pairs) {
  const files = pairs.map(([path, file]) => `  ${at(path)} -o ${quote(file)}`);
  return [`curl -s${authorised()}`, ...files].join(" \\\n");
}
