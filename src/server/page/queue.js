/** The order of uploads: what is asked for, what is under way, and what happens when it fails. */

import { isReadable, KINDS, LARGEST, typeOf } from "./files.js";
import { Parts } from "./parts.js";
import { presign, presignMultipart, presignParts, ServiceError, TAKES_PARTS } from "./service.js";
import { put } from "./storage.js";

const PARALLEL = 4;
const BATCH = 20;
/** How often a lost connection is tried again by itself, and how often an expired URL is renewed. */
const TRIES = 3;
const RENEWALS = 2;
/** A URL that ends so soon is not begun with. */
const MARGIN_MS = 5000;
const SPEED_WINDOW_MS = 4000;
/** Files of so many bytes go in parts, where the service takes them: two parts of the usual size. */
const PARTS_FROM = 16 * 1024 ** 2;

/** What the API's codes are called here. */
const PROBLEMS = {
  40004: "name",
  40005: "type",
  40006: "contradiction",
  40007: "tooLarge",
};

/**
 * One file on its way. `state` is "waiting", "asking", "sending", "paused", "done", "failed" or
 * "cancelled"; `problem` says why it failed: the name of its words, their values, and a detail in
 * English.
 */
export class Upload {
  state = "waiting";
  loaded = 0;
  grant = null;
  /** What sends the file in parts, and knows which have arrived. */
  parts = null;
  problem = null;
  tries = 0;
  renewals = 0;
  #samples = [[0, 0]];

  constructor(file) {
    this.file = file;
  }

  get isOver() {
    return ["done", "failed", "cancelled"].includes(this.state);
  }

  /** Whether another try can end otherwise: what is wrong with a file itself stays so. */
  get canRetry() {
    const isWrong = Object.values(PROBLEMS).includes(this.problem?.name);
    return this.state === "cancelled" || (this.state === "failed" && !isWrong);
  }

  get isInParts() {
    return TAKES_PARTS && this.file.size >= PARTS_FROM;
  }

  begin() {
    const loaded = this.parts?.loaded ?? 0;
    Object.assign(this, { state: "sending", loaded, abort: new AbortController() });
    this.#samples = [[performance.now(), loaded]];
  }

  moved(loaded) {
    this.loaded = loaded;
    const now = performance.now();
    this.#samples.push([now, loaded]);
    while (this.#samples.length > 2 && this.#samples[1][0] < now - SPEED_WINDOW_MS) {
      this.#samples.shift();
    }
  }

  /** Bytes a second, over the last seconds; 0 while that cannot be said. */
  get speed() {
    const [[began, from], [at, to]] = [this.#samples[0], this.#samples.at(-1)];
    return at - began > 500 ? ((to - from) / (at - began)) * 1000 : 0;
  }

  fail(name, values = {}, detail = "") {
    Object.assign(this, { state: "failed", problem: { name, values, detail } });
  }
}

export class Queue {
  uploads = [];
  key = "";
  /** Whether the service has asked to be left alone for a while. */
  isBusy = false;
  #asking = false;
  #serviceTries = 0;

  /** `changed` is told each upload that changes, and `keyWanted` that the key was wrong. */
  constructor({ changed, keyWanted }) {
    Object.assign(this, { changed, keyWanted });
    window.addEventListener("online", () => this.#wake());
  }

  add(files) {
    const added = files.map((file) => new Upload(file));
    for (const upload of added) {
      if (upload.file.size > LARGEST && !upload.isInParts) upload.fail("tooLarge");
    }
    this.uploads.push(...added);
    this.go();
    return added;
  }

  useKey(key) {
    this.key = key;
    this.go();
  }

  cancel(upload) {
    if (upload.isOver) return;
    upload.state = "cancelled";
    upload.abort?.abort();
    this.#giveUp(upload);
    this.#tell(upload);
    this.go();
  }

  retry(upload) {
    if (!upload.canRetry) return;
    Object.assign(upload, { state: "waiting", problem: null, tries: 0, renewals: 0, loaded: 0 });
    this.#tell(upload);
    this.go();
  }

  remove(upload) {
    this.cancel(upload);
    this.#giveUp(upload);
    this.uploads = this.uploads.filter((other) => other !== upload);
  }

  /** Lets OSS delete the parts that have arrived. */
  #giveUp(upload) {
    if (!upload.parts) return;
    upload.parts.abort();
    Object.assign(upload, { parts: null, grant: null });
  }

  /** Begins what can be begun. */
  go() {
    if (!this.key || this.isBusy || !navigator.onLine) return;
    const waiting = this.#in("waiting");
    let free = PARALLEL - this.#in("sending").length;
    for (const upload of waiting.filter(isGranted).slice(0, free)) {
      free -= 1;
      this.#send(upload);
    }
    const wanted = waiting.filter((upload) => upload.state === "waiting" && !isGranted(upload));
    if (free <= 0 || wanted.length === 0 || this.#asking) return;
    const plain = wanted.filter((upload) => !upload.isInParts).slice(0, BATCH);
    this.#ask(wanted[0].isInParts ? [wanted[0]] : plain);
  }

  #in(state) {
    return this.uploads.filter((upload) => upload.state === state);
  }

  #tell(upload) {
    this.changed(upload);
  }

  #wake() {
    for (const upload of this.#in("paused")) {
      upload.state = "waiting";
      this.#tell(upload);
    }
    this.go();
  }

  /** Asks for the URLs of several files at once, or of one that goes in parts. */
  async #ask(uploads) {
    this.#asking = true;
    for (const upload of uploads) {
      upload.state = "asking";
      this.#tell(upload);
    }
    try {
      const files = uploads.map((upload) => upload.file);
      const items = uploads[0].isInParts
        ? [await presignMultipart(this.key, files[0])]
        : await presign(this.key, files);
      this.#serviceTries = 0;
      uploads.forEach((upload, at) => this.#granted(upload, items[at]));
    } catch (error) {
      this.#notAnswered(uploads.filter((upload) => upload.state === "asking"), error);
    }
    this.#asking = false;
    uploads.forEach((upload) => this.#tell(upload));
    this.go();
  }

  #granted(upload, item) {
    if (upload.state !== "asking") return;
    if (item.error) {
      const { code, message } = item.error;
      const values = { kinds: KINDS, type: typeOf(upload.file) };
      const isSaid = [40005, 40006].includes(code);
      upload.fail(PROBLEMS[code] ?? "service", values, isSaid ? "" : `${message} (${code})`);
    } else {
      Object.assign(upload, { state: "waiting", grant: item });
      if (!upload.isInParts) return;
      const presign = async (id, numbers) => {
        const signed = await presignParts(this.key, item, id, numbers);
        this.#serviceTries = 0;
        return signed;
      };
      upload.parts = new Parts(upload.file, item, presign);
    }
  }

  #notAnswered(uploads, { code, message, retryAfter }) {
    const lost = code === 0 || code === 50300;
    const isPatient = lost && (!navigator.onLine || this.#serviceTries++ < TRIES);
    const again = code === 42901 || code === 40801 || isPatient;
    if (Math.floor(code / 100) === 401) {
      uploads.forEach((upload) => (upload.state = "waiting"));
      this.key = "";
      this.keyWanted();
    } else if (again) {
      uploads.forEach((upload) => (upload.state = "waiting"));
      this.#rest(lost ? 2 ** this.#serviceTries : retryAfter);
    } else {
      this.#serviceTries = 0;
      const name = lost ? "serviceNetwork" : "service";
      uploads.forEach((upload) => upload.fail(name, {}, code ? `${message} (${code})` : message));
    }
  }

  #rest(seconds) {
    this.isBusy = true;
    setTimeout(() => {
      this.isBusy = false;
      this.#in("waiting").forEach((upload) => this.#tell(upload));
      this.go();
    }, seconds * 1000);
  }

  async #send(upload) {
    upload.begin();
    this.#tell(upload);
    const { signal } = upload.abort;
    const progress = (loaded) => {
      if (signal.aborted) return;
      upload.moved(loaded);
      this.#tell(upload);
    };
    const { file, grant, parts } = upload;
    const changed = () => progress(parts.loaded);
    const arrived = () => Object.assign(upload, { tries: 0, renewals: 0 });
    try {
      if (parts) await parts.send({ changed, arrived, signal });
      else await put(file, grant, { progress, signal });
      Object.assign(upload, { state: "done", loaded: file.size, parts: null });
    } catch (error) {
      // Cancelled, and perhaps begun again since.
      if (signal.aborted) return;
      await this.#notSent(upload, error);
    }
    this.#tell(upload);
    this.go();
  }

  async #notSent(upload, error) {
    const { kind, status, reason, code, isTried } = error;
    if (error instanceof ServiceError) return this.#notAnswered([upload], error);
    const isGone = code === "NoSuchUpload";
    const ended = isGone || kind === "expired" || (kind === "network" && !isGranted(upload));
    const isLost = kind === "network" && !(await isReadable(upload.file));
    if (upload.state !== "sending") return;
    // What has begun is gone on with, by URLs that are asked for anew.
    const canGoOn = upload.parts?.isBegun && !isGone && kind !== "callback";
    if (!canGoOn && (ended || kind === "callback")) Object.assign(upload, { grant: null, parts: null });
    if (isLost) {
      upload.fail("unreadable");
    } else if (ended && upload.renewals < RENEWALS) {
      Object.assign(upload, { state: "waiting", renewals: upload.renewals + 1 });
    } else if (kind === "network" && !navigator.onLine) {
      upload.state = "waiting";
    } else if (["network", "storage"].includes(kind) && !isTried && upload.tries < TRIES) {
      upload.tries += 1;
      this.#pause(upload);
    } else {
      if (!canGoOn) Object.assign(upload, { grant: null, parts: null });
      upload.fail(kind, { status }, reason);
    }
  }

  /** Longer each time: a server that comes back is not to be run down. */
  #pause(upload) {
    upload.state = "paused";
    setTimeout(() => {
      if (upload.state !== "paused") return;
      upload.state = "waiting";
      this.#tell(upload);
      this.go();
    }, 1000 * 2 ** (upload.tries - 1));
  }
}

/** Whether it can be begun, or gone on with. */
const isGranted = ({ grant, parts }) =>
  parts?.isBegun || (grant !== null && grant.ends > performance.now() + MARGIN_MS);
