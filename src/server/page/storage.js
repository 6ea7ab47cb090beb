/** Sends one file to OSS. */

/** A connection on which nothing moves for so long is lost. */
const STALLED_MS = 60_000;

export class StorageError extends Error {
  /**
   * `kind` is "network", "expired", "callback", "refused" or "storage"; `reason` what OSS says, in
   * its words.
   */
  constructor(kind, status = 0, reason = "") {
    super(reason);
    Object.assign(this, { kind, status, reason });
  }
}

/**
 * Sends a file; `progress` is told the bytes that have gone.
 *
 * XMLHttpRequest, because `fetch` tells nothing of an upload under way.
 * @throws {StorageError} or, if `signal` was used, whatever its reason is
 */
export function put(file, grant, { progress, signal }) {
  const request = new XMLHttpRequest();
  let stalled;
  const moved = () => {
    clearTimeout(stalled);
    stalled = setTimeout(() => request.abort(), STALLED_MS);
  };
  return new Promise((done, failed) => {
    request.open("PUT", grant.upload_url);
    request.setRequestHeader("Content-Type", grant.content_type);
    for (const [name, value] of Object.entries(grant.headers ?? {})) {
      request.setRequestHeader(name, value);
    }
    request.upload.onprogress = ({ loaded }) => {
      moved();
      progress(loaded);
    };
    request.onload = () => (request.status === 200 ? done() : failed(refusal(request)));
    request.onerror = request.onabort = () => failed(new StorageError("network"));
    signal.addEventListener("abort", () => {
      failed(signal.reason);
      request.abort();
    });
    moved();
    request.send(file);
  }).finally(() => clearTimeout(stalled));
}

/** What OSS says, out of its XML: Code, Message, and EC, which its documentation is ordered by. */
function refusal(request) {
  const text = (name) => request.responseXML?.querySelector(name)?.textContent ?? "";
  const [code, message, ec] = ["Code", "Message", "EC"].map(text);
  const named = [code, ec && `EC ${ec}`].filter(Boolean).join(", ");
  const reason = message && named ? `${message} (${named})` : message || named;
  return new StorageError(kindOf(request.status, code, message), request.status, reason);
}

function kindOf(status, code, message) {
  if (status === 203 || code === "CallbackFailed") return "callback";
  if (status === 403 && code === "AccessDenied" && message.includes("expired")) return "expired";
  return status >= 500 ? "storage" : "refused";
}
