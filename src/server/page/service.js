/** The presign API: asks where files go. */

import { typeOf } from "./files.js";

const meta = (name) => document.querySelector(`meta[name=${name}]`).content;
const API = new URL(meta("api"), document.baseURI).href.replace(/\/$/, "");
/** Whether the service takes files in parts. */
export const TAKES_PARTS = meta("multipart") === "true";
/** For how long an upload may begin, once it is asked for. */
const EXPIRE_SECONDS = 3600;

export class ServiceError extends Error {
  /** `code` is 0 where there was no answer of the API. */
  constructor(code, message, retryAfter = 0) {
    super(message);
    Object.assign(this, { code, retryAfter });
  }
}

const named = (file) => ({
  filename: file.name.toWellFormed?.() ?? file.name,
  content_type: typeOf(file),
});

/**
 * Asks for up to 20 files at once: one item for each, with where it goes or with an error.
 * @throws {ServiceError}
 */
export async function presign(key, files) {
  const asked = files.map((file) => ({ ...named(file), content_length: file.size }));
  const { items, endOf } = await ask(key, "presign-put/batch", { files: asked });
  return items.map((item) => ({ ...item, ends: endOf(item) }));
}

/**
 * Asks for what begins the upload of a file in parts: an item as of `presign`.
 * @throws {ServiceError}
 */
export async function presignMultipart(key, file) {
  try {
    const { endOf, ...plan } = await ask(key, "presign-multipart", { ...named(file), size: file.size });
    return { ...plan, ends: endOf(plan) };
  } catch (error) {
    if (Math.floor(error.code / 100) !== 400) throw error;
    return { error };
  }
}

/**
 * Asks for the URLs of these parts, and for those that end the upload.
 * @throws {ServiceError}
 */
export async function presignParts(key, { object_key, size, part_size }, upload_id, part_numbers) {
  const asked = { object_key, size, part_size, upload_id, part_numbers };
  const { endOf, ...signed } = await ask(key, "presign-multipart/parts", asked);
  return { ...signed, ends: endOf(signed) };
}

async function ask(key, path, body) {
  const response = await post(key, path, { ...body, expire_seconds: EXPIRE_SECONDS });
  const answer = await response.json().catch(() => ({ code: 0, message: `HTTP ${response.status}` }));
  if (!response.ok || !answer.data) {
    const retryAfter = Number(response.headers.get("Retry-After")) || 1;
    throw new ServiceError(answer.code, answer.message, retryAfter);
  }
  // By the service's clock, so that this machine's may be wrong.
  const now = Date.parse(response.headers.get("Date")) || Date.now();
  const since = performance.now();
  return { ...answer.data, endOf: ({ expire_at }) => since + expire_at * 1000 - now };
}

async function post(key, path, body) {
  try {
    return await fetch(`${API}/${path}`, {
      method: "POST",
      headers: { Apikey: key, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials: "same-origin",
    });
  } catch {
    throw new ServiceError(0, "");
  }
}
