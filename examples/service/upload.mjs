// Upload files: node upload.mjs FILE... (Node 18 or newer, or a browser with its own File objects.)
// SERVICE is the service's address, APIKEY your key.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

const { SERVICE, APIKEY } = process.env;
const TYPES = { jpg: "image/jpeg", png: "image/png", mp4: "video/mp4", pdf: "application/pdf" };

/** Asks for the URLs of up to 20 files in one request. */
async function presign(files) {
  const response = await fetch(`${SERVICE}/api/oss/presign-put/batch`, {
    method: "POST",
    headers: { Apikey: APIKEY, "Content-Type": "application/json" },
    body: JSON.stringify({ files }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.code}: ${answer.message}`);
  return answer.data.items;
}

const names = process.argv.slice(2);
const items = await presign(
  names.map((name) => ({
    filename: basename(name),
    content_type: TYPES[name.split(".").pop().toLowerCase()] ?? "unknown",
  })),
);
for (const [at, item] of items.entries()) {
  if (item.error) {
    console.error(`${names[at]}: ${item.error.message}`);
    process.exitCode = 1;
    continue;
  }
  const response = await fetch(item.upload_url, {
    method: "PUT",
    headers: { "Content-Type": item.content_type }, // Exactly this: it is signed.
    body: await readFile(names[at]),
  });
  if (!response.ok) throw new Error(`${names[at]}: ${response.status} ${await response.text()}`);
  console.log(item.access_url);
}
