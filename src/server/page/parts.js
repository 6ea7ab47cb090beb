/** Sends one large file to OSS in parts, and goes on with it where it was left. */

import { LANES, send, StorageError } from "./storage.js";

/** So many parts are presigned at a time. */
const BATCH = 100;
/** How often a part is sent again by itself, and how often in a row URLs that ended are renewed. */
const TRIES = 3;
const RENEWALS = 2;
/** A URL that ends so soon is not begun with. */
const MARGIN_MS = 5000;

export class Parts {
  #file;
  #plan;
  #presign;
  #id = null;
  #urls = new Map();
  #urlsEnd = 0;
  /** What the service answered last: the requests beside those of parts are in it. */
  #signed = null;
  #etags = new Map();
  #moving = new Map();
  #resting = 0;
  #signing = null;
  #running = null;
  #renewals = 0;
  /** Whether OSS may know of parts, or of an object, that are not known here. */
  #isUncertain = false;
  #mayBeComplete = false;

  /**
   * `plan` is what the service answered for the file; `presign(id, numbers)` asks it for parts. It
   * may reject: what is thrown comes out of `send`.
   */
  constructor(file, plan, presign) {
    this.#file = file;
    this.#plan = plan;
    this.#presign = presign;
  }

  /** Whether OSS knows of the upload. */
  get isBegun() {
    return this.#id !== null;
  }

  /** The bytes that have gone; those of parts under way too. */
  get loaded() {
    const arrived = [...this.#etags.keys()].map((number) => this.#range(number)[1]);
    return [...arrived, ...this.#moving.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Whether all that is left has failed just now, and is tried again in a moment. */
  get isResting() {
    return this.#resting > 0 && this.#moving.size === 0;
  }

  /**
   * Begins the upload or goes on with it, and ends it; `changed` is told when something has moved,
   * and `arrived` when a part has arrived.
   * @throws {StorageError} what no more tries helped against; the parts that have arrived stay
   */
  send(options) {
    this.#running = this.#send(options).catch((error) => {
      // The answer to what completes it was lost; OSS has heard it.
      if (this.#mayBeComplete && error.code === "NoSuchUpload") return;
      if (error instanceof StorageError) {
        this.#isUncertain = true;
        if (error.kind !== "network") this.#forgetUrls();
      }
      throw error;
    });
    return this.#running;
  }

  async #send({ changed, arrived, signal }) {
    this.#renewals = 0;
    if (!this.isBegun) await this.#begin();
    else if (this.#isUncertain) await this.#list(signal);
    signal.throwIfAborted();
    changed();
    await this.#sendMissing({ changed, arrived, signal });
    // Without a CORS rule that exposes it, no page can read an ETag where the part was sent.
    if ([...this.#etags.values()].includes(null)) await this.#list(signal);
    if (this.#missing().length > 0) throw new StorageError("storage", 200, "parts are missing");
    await this.#complete(signal);
  }

  async #sendMissing({ changed, arrived, signal }) {
    const missing = this.#missing();
    const stop = new AbortController();
    const options = { changed, arrived, signal: AbortSignal.any([signal, stop.signal]) };
    const work = async () => {
      while (missing.length > 0) await this.#sendPart(missing.shift(), missing, options);
    };
    const refusals = [];
    const failed = (error) => {
      // One part that cannot be sent stops the others. One that the service does not presign now
      // lets those under way arrive.
      if (error instanceof StorageError) stop.abort(error);
      missing.length = 0;
      refusals.push(error);
    };
    await Promise.all(Array.from({ length: LANES }, () => work().catch(failed)));
    options.signal.throwIfAborted();
    if (refusals.length > 0) throw refusals[0];
  }

  /** Gives the upload up: OSS deletes the parts that have arrived. */
  async abort() {
    await this.#running?.catch(() => {});
    if (!this.isBegun) return;
    for (let tried = 0; tried <= TRIES; tried += 1) {
      try {
        const { abort } = await this.#others();
        return await send(abort, null);
      } catch (error) {
        if (error.code === "NoSuchUpload") return;
        this.#forgetUrls();
        await rest(tried);
      }
    }
  }

  // Not to be stopped: the id would be lost, and the upload stay for ever.
  async #begin() {
    const { xml } = await send(this.#plan.initiate, null);
    this.#id = xml?.querySelector("UploadId")?.textContent || null;
    if (!this.isBegun) throw new StorageError("refused", 200, "no UploadId");
  }

  /** Asks which parts have arrived. */
  async #list(signal) {
    const { list_parts: pages } = await this.#others();
    const etags = new Map();
    for (const page of pages) {
      const { xml } = await send(page, null, { signal });
      for (const part of xml?.querySelectorAll("Part") ?? []) {
        const text = (name) => part.querySelector(name).textContent;
        const number = Number(text("PartNumber"));
        if (Number(text("Size")) === this.#range(number)[1]) etags.set(number, text("ETag"));
      }
    }
    this.#etags = etags;
    this.#isUncertain = false;
    this.#mayBeComplete = false;
  }

  async #sendPart(number, next, options) {
    const { signal } = options;
    for (let tried = 0; ; ) {
      const part = await this.#urlOf(number, next);
      signal.throwIfAborted();
      try {
        return await this.#put(part, options);
      } catch (error) {
        signal.throwIfAborted();
        if (error.kind === "expired") {
          this.#renew(part, error);
        } else {
          const doesPass = error.kind === "network" || error.kind === "storage";
          if (!doesPass || !navigator.onLine) throw error;
          if (tried >= TRIES) throw Object.assign(error, { isTried: true });
          await this.#rest(tried++, options);
        }
      }
    }
  }

  async #put(part, { changed, arrived, signal }) {
    const { part_number: number, offset, length, upload_url: url, headers } = part;
    const progress = (loaded) => {
      this.#moving.set(number, Math.min(loaded, length));
      changed();
    };
    progress(0);
    try {
      // Without a type: the browser would send it as Content-Type, which is signed.
      const bytes = this.#file.slice(offset, offset + length, "");
      const { etag } = await send({ method: "PUT", url, headers }, bytes, { progress, signal });
      this.#etags.set(number, etag);
      this.#renewals = 0;
      arrived();
    } finally {
      this.#moving.delete(number);
      changed();
    }
  }

  /** The URL of a part; asked for together with those of the parts that come next. */
  async #urlOf(number, next) {
    if (isNearEnd(this.#urlsEnd)) this.#urls.clear();
    while (!this.#urls.has(number)) {
      const wanted = [number, ...next.slice(0, BATCH - 1)];
      this.#signing ??= this.#sign(wanted).finally(() => (this.#signing = null));
      await this.#signing;
    }
    return this.#urls.get(number);
  }

  /** What completes, aborts and lists the upload; asked for only where the last answer has ended. */
  async #others() {
    if (this.#signed !== null && !isNearEnd(this.#signed.ends)) return this.#signed;
    return this.#sign([]);
  }

  async #sign(numbers) {
    const signed = await this.#presign(this.#id, numbers);
    this.#signed = signed;
    if (numbers.length > 0) this.#urlsEnd = signed.ends;
    for (const part of signed.parts) this.#urls.set(part.part_number, part);
    return signed;
  }

  #renew(part, error) {
    // The others that ended with it have been asked for anew already.
    if (this.#urls.get(part.part_number) !== part) return;
    this.#forgetUrls();
    if (this.#renewals >= RENEWALS) throw error;
    this.#renewals += 1;
  }

  #forgetUrls() {
    this.#urls.clear();
    this.#signed = null;
  }

  async #rest(tried, { changed, signal }) {
    this.#resting += 1;
    changed();
    try {
      await rest(tried, signal);
    } finally {
      this.#resting -= 1;
    }
  }

  async #complete(signal) {
    const { complete } = await this.#others();
    const part = (number) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${this.#etags.get(number)}</ETag></Part>`;
    const parts = this.#numbers().map(part).join("");
    // Without a type, as above.
    const body = new Blob([`<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`]);
    try {
      await send(complete, body, { signal });
    } catch (error) {
      // Browsers themselves send a request again that a kept connection did not answer, and what
      // stands in front of OSS may lose its answer: then the upload is gone because it is complete.
      const isLost = ["network", "storage"].includes(error.kind);
      this.#mayBeComplete ||= isLost || error.code === "NoSuchUpload";
      throw error;
    }
  }

  #missing() {
    return this.#numbers().filter((number) => !this.#etags.has(number));
  }

  #numbers() {
    return Array.from({ length: this.#plan.part_count }, (_, at) => at + 1);
  }

  /** Where a part begins, and how many bytes it has. */
  #range(number) {
    const { size, part_size } = this.#plan;
    const offset = (number - 1) * part_size;
    return [offset, Math.min(part_size, size - offset)];
  }
}

const isNearEnd = (ends) => ends < performance.now() + MARGIN_MS;

/** Longer each time: a server that comes back is not to be run down. */
function rest(tried, signal) {
  return new Promise((wake, fail) => {
    setTimeout(wake, 1000 * 2 ** tried);
    signal?.addEventListener("abort", () => fail(signal.reason), { once: true });
  });
}
