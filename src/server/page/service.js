/** The presign API: asks where files go. */

import { typeOf } from "./files.js";

const API = new URL(document.querySelector("meta[name=api]").content, document.baseURI);
/** For how long an upload may begin, once it is asked for. */
const EXPIRE_SECONDS = 3600;

export class ServiceError extends Error {
  /** `code` is 0 where there was no answer of the API. */
  constructor(code, message, retryAfter = 0) {
    super(message);
    Object.assign(this, { code, retryAfter });
  }
}

/**
 * Asks for up to 20 files at once: one item for each, with where it goes or with an error.
 * @throws {ServiceError}
 */
export async function presign(key, files) {
  const asked = files.map((file) => ({
    filename: file.name.toWellFormed?.() ?? file.name,
    content_type: typeOf(file),
    content_length: file.size,
  }));
  const response = await post(key, { files: asked, expire_seconds: EXPIRE_SECONDS });
  const answer = await response.json().catch(() => ({ code: 0, message: `HTTP ${response.status}` }));
  if (!response.ok || !answer.data) {
    const retryAfter = Number(response.headers.get("Retry-After")) || 1;
    throw new ServiceError(answer.code, answer.message, retryAfter);
  }
  // By the service's clock, so that this machine's may be wrong.
  const now = Date.parse(response.headers.get("Date")) || Date.now();
  const since = performance.now();
  return answer.data.items.map((item) => ({ ...item, ends: since + item.expire_at * 1000 - now }));
}

async function post(key, body) {
  try {
    return await fetch(`${API.href.replace(/\/$/, "")}/presign-put/batch`, {
      method: "POST",
      headers: { Apikey: key, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials: "same-origin",
    });
  } catch {
    throw new ServiceError(0, "");
  }
}
