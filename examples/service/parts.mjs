// Upload one large file in parts: node parts.mjs FILE TYPE (Node 20 or newer).
// SERVICE is the service's address, APIKEY your key. In a page, `file` is the File that was chosen.
import { openAsBlob } from "node:fs";
import { basename } from "node:path";

const { SERVICE, APIKEY } = process.env;

/** Asks the service. */
async function ask(path, body) {
  const response = await fetch(`${SERVICE}/api/oss/${path}`, {
    method: "POST",
    headers: { Apikey: APIKEY, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.code}: ${answer.message}`);
  return answer.data;
}

/**
 * Sends a presigned request to OSS. 203 is no success: the service's callback failed. Nor is what
 * says `<Error>`: where it takes long to put parts together, OSS answers 200 before it is done.
 */
async function send({ method, url, headers }, body) {
  const response = await fetch(url, { method, headers, body });
  const text = await response.text();
  if (!response.ok || response.status === 203 || text.includes("<Error>")) {
    throw new Error(`${response.status} ${text}`);
  }
  return { text, etag: response.headers.get("ETag") };
}

/** Uploads a file, and resolves to where it can be read. */
async function upload(file, filename, content_type) {
  const plan = await ask("presign-multipart", { filename, content_type, size: file.size });
  const { object_key, access_url, size, part_size, part_count } = plan;
  const { text } = await send(plan.initiate);
  const upload_id = /<UploadId>(.+?)<\/UploadId>/.exec(text)[1];
  const sign = (part_numbers) =>
    ask("presign-multipart/parts", { object_key, upload_id, size, part_size, part_numbers });
  try {
    let listed = "";
    for (let number = 1; number <= part_count; number += 1) {
      const [{ upload_url: url, headers, offset, length }] = (await sign([number])).parts;
      // Without a type: none is signed.
      const bytes = file.slice(offset, offset + length, "");
      const { etag } = await send({ method: "PUT", url, headers }, bytes);
      listed += `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`;
    }
    const { complete } = await sign([]);
    const list = `<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>`;
    await send(complete, new Blob([list]));
    return access_url;
  } catch (error) {
    // Or keep `plan` and `upload_id`, and go on later: `list_parts` says what has arrived.
    await send((await sign([])).abort).catch(() => {});
    throw error;
  }
}

const [path, type] = process.argv.slice(2);
console.log(await upload(await openAsBlob(path), basename(path), type));
