/** The requests of a multipart upload, and the XML that OSS takes and answers. */

/** A connection on which nothing moves for so long is lost. */
const STALLED_MS = 60_000;

/** What went wrong: the HTTP status, 0 without an answer, and OSS's code and EC where it has one. */
export class UploadError extends Error {
  constructor(message, { status = 0, code = "", ec = "" } = {}) {
    super(message);
    Object.assign(this, { name: "UploadError", status, code, ec });
  }
}

/**
 * Sends a presigned request; resolves to the answer's text and ETag.
 *
 * XMLHttpRequest, because `fetch` tells nothing of an upload under way.
 * @throws {UploadError} or the signal's reason.
 */
export function send({ method, url, headers }, body, { signal }, progress = () => {}) {
  const request = new XMLHttpRequest();
  let stalled;
  const moved = () => {
    clearTimeout(stalled);
    stalled = setTimeout(() => request.abort(), STALLED_MS);
  };
  const stop = () => request.abort();
  return new Promise((done, failed) => {
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) {
      // The browser sets it itself, and lets nobody else.
      if (name.toLowerCase() !== "content-length") request.setRequestHeader(name, value);
    }
    request.upload.onprogress = ({ loaded }) => {
      moved();
      progress(loaded);
    };
    request.onprogress = moved;
    request.onload = () => {
      const { status, responseText: text } = request;
      // 203 is none: the object is stored, but its callback failed.
      const isGood = status >= 200 && status < 300 && status !== 203 && !isError(text);
      if (!isGood) return failed(refusal(status, text));
      done({ text, etag: request.getResponseHeader("ETag") });
    };
    const lost = () => failed(signal.aborted ? signal.reason : new UploadError("connection lost"));
    request.onerror = request.onabort = lost;
    signal.addEventListener("abort", stop);
    moved();
    request.send(body);
  }).finally(() => {
    clearTimeout(stalled);
    signal.removeEventListener("abort", stop);
  });
}

/** The body that completes an upload. A Blob without a type, or Content-Type would be sent. */
export function completeBody(etags) {
  const parts = [...etags].sort(([one], [other]) => one - other);
  const part = ([number, etag]) =>
    `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`;
  const xml = `<CompleteMultipartUpload>${parts.map(part).join("")}</CompleteMultipartUpload>`;
  return new Blob([xml]);
}

/** The parts that have arrived, of one page. */
export function listedParts(text) {
  return [...parsed(text).querySelectorAll("Part")].map((part) => ({
    number: Number(inner(part, "PartNumber")),
    etag: inner(part, "ETag"),
    size: Number(inner(part, "Size")),
  }));
}

/** The text of an element of an answer; empty if there is none. */
export function textOf(text, name) {
  return inner(parsed(text), name);
}

function parsed(text) {
  return new DOMParser().parseFromString(text, "application/xml");
}

function inner(node, name) {
  return node.querySelector(name)?.textContent ?? "";
}

function isError(text) {
  return text.includes("<Error>") && parsed(text).documentElement.tagName === "Error";
}

function refusal(status, text) {
  const [code, ec, message] = ["Code", "EC", "Message"].map((name) => textOf(text, name));
  return new UploadError(`OSS answered ${status} ${code}: ${message}`, { status, code, ec });
}
