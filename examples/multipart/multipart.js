/**
 * Uploads a file to OSS in parts, by presigned URLs that a backend hands out.
 *
 *     const upload = new MultipartUpload(file, { begin, sign, onProgress });
 *     const { etag } = await upload.start();
 *
 * Parts are sent side by side, and again where a connection breaks. What is under way is remembered:
 * after a reload, `start` with the same file sends only the parts that have not arrived.
 */

import { completeBody, listedParts, send, textOf, UploadError } from "./requests.js";

/** So many parts are presigned at a time. */
const BATCH = 200;
const LONGEST_REST_MS = 30_000;
/** After these there is nothing left to go on with. */
const OVER = ["NoSuchUpload", "CallbackFailed"];

/**
 * One file on its way to OSS.
 *
 * Options:
 * - `begin(file, signal)` resolves to the plan: `plan.to_dict()`, and whatever else `sign` needs.
 * - `sign(plan, uploadId, numbers, signal)` resolves to `plan.parts(upload_id, numbers).to_dict()`.
 *   Both reject with an error that has a `status` where another try is useless (400 to 499).
 * - `onProgress({ sent, total })` is told the bytes that have gone.
 * - `parallel`: how many parts are under way at once.
 * - `tries`: how often each request is tried; `delay`: milliseconds before the second try, doubled
 *   before each other.
 * - `store`: where it is remembered what is under way: `localStorage`, or null for nowhere.
 */
export class MultipartUpload {
  #file;
  #options;
  #control = new AbortController();
  #plan = null;
  #uploadId = null;
  #etags = new Map();
  #requests = new Map();
  #signing = null;
  #moving = new Map();
  #running = null;

  constructor(file, options) {
    const usual = { parallel: 4, tries: 7, delay: 500, onProgress() {} };
    this.#file = file;
    this.#options = { ...usual, ...options };
    // Where a page may have none, to ask for it is an error already.
    if (options.store === undefined) this.#options.store = localStorage;
  }

  /**
   * Begins the upload, or goes on with it, and ends it.
   *
   * Resolves to `{ etag, location, answer, confirmed }`: `answer` is the body that OSS, or your
   * callback's server, answered. `confirmed` is false where OSS does not know the upload any
   * more: most likely it was completed, and only the answer got lost. Your backend can ask.
   * @throws {UploadError} or the reason that `stop` was called with.
   */
  async start() {
    while (this.#running) {
      if (!this.#control.signal.aborted) return this.#running;
      await this.#running.catch(() => {});
    }
    this.#running = this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Stops sending. `start` goes on later, also after a reload. */
  stop(reason = new DOMException("stopped", "AbortError")) {
    this.#control.abort(reason);
  }

  /** Gives the upload up: OSS deletes the parts that have arrived. */
  async abort() {
    this.stop();
    await this.#running?.catch(() => {});
    if (!this.#recall()) return;
    this.#control = new AbortController();
    try {
      const { abort } = await this.#sign([]);
      await this.#again(() => send(abort, null, this.#control));
    } catch (error) {
      if (error.code !== "NoSuchUpload") throw error;
    }
    this.#forget();
  }

  async #run() {
    this.#control = new AbortController();
    try {
      if (!(await this.#resume())) await this.#begin();
      await this.#sendParts();
      const result = await this.#complete();
      this.#forget();
      return result;
    } catch (error) {
      if (OVER.includes(error.code)) this.#forget();
      throw error;
    }
  }

  async #begin() {
    const { signal } = this.#control;
    const plan = await this.#again(() => this.#options.begin(this.#file, signal));
    if (plan.size !== this.#file.size) throw new UploadError("the plan is for another size");
    const { text } = await this.#again(() => send(plan.initiate, null, this.#control));
    this.#uploadId = textOf(text, "UploadId");
    if (!this.#uploadId) throw new UploadError("the answer has no UploadId");
    // The URL that began it is used up.
    const { initiate: _, ...facts } = plan;
    this.#plan = facts;
    this.#remember();
  }

  /** Finds out which parts have arrived; false where there is no upload to go on with. */
  async #resume() {
    if (!this.#recall()) return false;
    try {
      await this.#list();
      return true;
    } catch (error) {
      if (error.code !== "NoSuchUpload") throw error;
      this.#forget();
      return false;
    }
  }

  async #list() {
    const { list_parts: pages } = await this.#sign([]);
    for (const page of pages) {
      const { text } = await this.#again(() => send(page, null, this.#control));
      for (const { number, etag, size } of listedParts(text)) {
        if (size === this.#range(number).length) this.#etags.set(number, etag);
      }
    }
    this.#tell();
  }

  async #sendParts() {
    const numbers = Array.from({ length: this.#plan.part_count }, (_, at) => at + 1);
    const queue = numbers.filter((number) => !this.#etags.has(number));
    const work = async () => {
      try {
        while (queue.length > 0) await this.#sendPart(queue.shift(), queue);
      } catch (error) {
        // One that cannot be sent stops the others.
        this.stop(error);
      }
    };
    await Promise.all(Array.from({ length: this.#options.parallel }, work));
    this.#control.signal.throwIfAborted();
    // Without a CORS rule that exposes ETag, a page cannot read it where the part was sent.
    const lacks = () => [...this.#etags.values()].includes(null);
    if (lacks()) await this.#list();
    if (lacks()) throw new UploadError("OSS does not list a part that it has taken");
  }

  async #sendPart(number, queue) {
    const { offset, length } = this.#range(number);
    // A slice without a type: the browser would send the file's as Content-Type, which is signed.
    const bytes = this.#file.slice(offset, offset + length, "");
    const progress = (loaded) => {
      this.#moving.set(number, Math.min(loaded, length));
      this.#tell();
    };
    let isRenewed = false;
    const { etag } = await this.#again(async () => {
      const request = await this.#requestFor(number, queue);
      try {
        return await send(request, bytes, this.#control, progress);
      } catch (error) {
        this.#moving.delete(number);
        if (error.status === 403) {
          // Most likely the URLs have ended: others are asked for, once.
          error.passes = !isRenewed;
          isRenewed = true;
          this.#requests.clear();
        }
        throw error;
      }
    });
    this.#moving.delete(number);
    this.#etags.set(number, etag);
    this.#tell();
  }

  /** The presigned request of a part; asked for together with those of the parts that come next. */
  async #requestFor(number, queue) {
    while (!this.#requests.has(number)) {
      this.#signing ??= this.#signParts([number, ...queue.slice(0, BATCH - 1)]).finally(() => {
        this.#signing = null;
      });
      await this.#signing;
    }
    return this.#requests.get(number);
  }

  async #signParts(numbers) {
    const { parts } = await this.#sign(numbers);
    for (const part of parts) this.#requests.set(part.number, part);
    if (!numbers.every((number) => this.#requests.has(number))) {
      const words = "the backend did not sign the parts that it was asked for";
      throw new UploadError(words, { status: 400 });
    }
  }

  async #complete() {
    const body = completeBody(this.#etags);
    const { complete } = await this.#sign([]);
    try {
      const { text } = await this.#again(() => send(complete, body, this.#control));
      const [etag, location] = [textOf(text, "ETag"), textOf(text, "Location")];
      return { etag, location, answer: text, confirmed: true };
    } catch (error) {
      // It was completed before, and the answer lost. Browsers themselves send a request again that
      // a kept connection did not answer, so that nobody can count on having seen the loss.
      if (error.code !== "NoSuchUpload") throw error;
      return { etag: "", location: "", answer: "", confirmed: false };
    }
  }

  #sign(numbers) {
    const { signal } = this.#control;
    return this.#again(() => this.#options.sign(this.#plan, this.#uploadId, numbers, signal));
  }

  #range(number) {
    const { size, part_size } = this.#plan;
    const offset = (number - 1) * part_size;
    return { offset, length: Math.min(part_size, size - offset) };
  }

  #tell() {
    const total = this.#file.size;
    let sent = 0;
    for (const number of this.#etags.keys()) sent += this.#range(number).length;
    for (const loaded of this.#moving.values()) sent += loaded;
    this.#options.onProgress({ sent: Math.min(sent, total), total });
  }

  /** Does something, and again where it failed for a reason that passes. */
  async #again(step) {
    for (let tried = 1; ; tried += 1) {
      try {
        this.#control.signal.throwIfAborted();
        return await step();
      } catch (error) {
        this.#control.signal.throwIfAborted();
        if (!doesPass(error)) throw error;
        // Nor is what goes on around this to try it as often once more.
        if (tried >= this.#options.tries) throw Object.assign(error, { isTired: true });
      }
      await rest(this.#options.delay * 2 ** (tried - 1), this.#control.signal);
    }
  }

  get #name() {
    const { name, size, lastModified, type } = this.#file;
    return `multipart upload: ${JSON.stringify([name, size, lastModified, type])}`;
  }

  #remember() {
    const record = JSON.stringify({ plan: this.#plan, uploadId: this.#uploadId });
    try {
      this.#options.store?.setItem(this.#name, record);
    } catch {
      // It is full. The upload goes on; after a reload it would begin anew.
    }
  }

  /** Whether an upload of this file is under way. */
  #recall() {
    const record = this.#options.store?.getItem(this.#name);
    if (record) {
      const { plan, uploadId } = JSON.parse(record);
      [this.#plan, this.#uploadId] = [plan, uploadId];
    }
    return this.#uploadId !== null;
  }

  #forget() {
    this.#options.store?.removeItem(this.#name);
    [this.#plan, this.#uploadId] = [null, null];
    this.#etags.clear();
    this.#requests.clear();
    this.#moving.clear();
  }
}

/** Whether another try can end otherwise. What `fetch` throws without an answer is a TypeError. */
function doesPass(error) {
  const { status = error instanceof TypeError ? 0 : 400 } = error;
  const passes = error.passes || [0, 408, 429].includes(status) || status >= 500;
  return Boolean(passes && !error.isTired);
}

/** Waits, and for the network as well; not always equally long, so that not all come at once. */
async function rest(milliseconds, signal) {
  const longest = Math.min(milliseconds, LONGEST_REST_MS);
  await woken((wake) => setTimeout(wake, longest * (0.5 + Math.random() / 2)), signal);
  if (!navigator.onLine) {
    await woken((wake) => window.addEventListener("online", wake, { once: true }), signal);
  }
}

function woken(arrange, signal) {
  return new Promise((wake, fail) => {
    signal.addEventListener("abort", () => fail(signal.reason), { once: true });
    arrange(wake);
  });
}
