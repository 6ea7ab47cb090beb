/** Sends requests to OSS. */

/** A connection on which nothing moves for so long is lost. */
const STALLED_MS = 60_000;
/**
 * So many requests go at a time, of all files together: browsers hold back what is more than six
 * for one host, and that would look as if it were lost.
 */
export const LANES = 4;

export class StorageError extends Error {
  /**
   * `kind` is "network", "expired", "callback", "refused" or "storage"; `reason` what OSS says, in
   * its words.
   */
  constructor(kind, status = 0, reason = "", code = "") {
    super(reason);
    Object.assign(this, { kind, status, reason, code });
  }
}

/** Sends a whole file; `progress` is told the bytes that have gone. */
export function put(file, { upload_url, content_type, headers }, options) {
  const call = { method: "PUT", url: upload_url };
  return send({ ...call, headers: { "Content-Type": content_type, ...headers } }, file, options);
}

/**
 * Sends a presigned request; resolves to the answer's ETag, if scripts may read it, and its XML.
 *
 * XMLHttpRequest, because `fetch` tells nothing of an upload under way.
 * @throws {StorageError} or, if `signal` was used, whatever its reason is
 */
export async function send({ method, url, headers }, body, { progress, signal } = {}) {
  await enter();
  const request = new XMLHttpRequest();
  const stop = () => request.abort();
  let stalled;
  const moved = () => {
    clearTimeout(stalled);
    stalled = setTimeout(stop, STALLED_MS);
  };
  try {
    signal?.throwIfAborted();
    return await new Promise((done, failed) => {
      request.open(method, url);
      for (const [name, value] of Object.entries(headers ?? {})) {
        request.setRequestHeader(name, value);
      }
      request.upload.onprogress = ({ loaded }) => {
        moved();
        progress?.(loaded);
      };
      request.onload = () => {
        const { status } = request;
        const xml = xmlOf(request);
        const isGood = [200, 204].includes(status) && xml?.documentElement.tagName !== "Error";
        if (!isGood) return failed(refusal(status, xml));
        done({ etag: request.getResponseHeader("ETag"), xml });
      };
      request.onerror = request.onabort = () =>
        failed(signal?.aborted ? signal.reason : new StorageError("network"));
      signal?.addEventListener("abort", stop);
      moved();
      request.send(body);
    });
  } finally {
    clearTimeout(stalled);
    signal?.removeEventListener("abort", stop);
    leave();
  }
}

let free = LANES;
const held = [];

async function enter() {
  if (free > 0) free -= 1;
  else await new Promise((enters) => held.push(enters));
}

function leave() {
  if (held.length > 0) held.shift()();
  else free += 1;
}

/** Where there is none, `responseXML` is a page about that, whose styles the policy forbids. */
const xmlOf = (request) => (request.responseText.startsWith("<") ? request.responseXML : null);

/** What OSS says, out of its XML: Code, Message, and EC, which its documentation is ordered by. */
function refusal(status, xml) {
  const text = (name) => xml?.querySelector(name)?.textContent ?? "";
  const [code, message, ec] = ["Code", "Message", "EC"].map(text);
  const named = [code, ec && `EC ${ec}`].filter(Boolean).join(", ");
  const reason = message && named ? `${message} (${named})` : message || named;
  return new StorageError(kindOf(status, code, message), status, reason, code);
}

function kindOf(status, code, message) {
  if (status === 203 || code === "CallbackFailed") return "callback";
  if (status === 403 && code === "AccessDenied" && message.includes("expired")) return "expired";
  return status >= 500 ? "storage" : "refused";
}
