/** One file as it is shown: a row that follows its upload. */

import { extension, isImage } from "./files.js";
import { duration, size, t, time } from "./words.js";

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

export class Row {
  #parts = {};
  #preview = null;

  /** `act` is called with "cancel", "retry", "remove" or "copy". */
  constructor(upload, act) {
    this.upload = upload;
    const { name } = upload.file;
    const dot = extension(name) ? name.lastIndexOf(".") : name.length;
    const button = (action, className = "") =>
      element("button", { type: "button", className, onclick: () => act(action, this) });
    const parts = (this.#parts = {
      // The name's end stays in sight, apart: no turned text can show another.
      name: element(
        "bdi",
        { className: "name", title: name },
        element("span", { className: "stem", textContent: name.slice(0, dot) }),
        element("span", { textContent: name.slice(dot) }),
      ),
      size: element("span", { className: "small" }),
      bar: element("progress", { max: 100 }),
      state: element("span", { className: "state small" }),
      why: element("p", { className: "problem" }),
      detail: element("p", { className: "small detail", lang: "en", dir: "auto" }),
      link: element("input", { type: "url", readOnly: true, className: "link" }),
      ends: element("p", { className: "small" }),
      open: element("a", { className: "button", target: "_blank", rel: "noopener noreferrer" }),
      copy: button("copy", "main"),
      retry: button("retry", "main"),
      cancel: button("cancel"),
      remove: button("remove", "quiet"),
    });
    parts.link.onfocus = () => parts.link.select();
    this.element = element(
      "li",
      { className: "card row" },
      this.#thumbnail(),
      element(
        "div",
        { className: "about" },
        parts.name,
        element("div", { className: "facts" }, parts.size, parts.state),
        parts.bar,
        parts.why,
        parts.detail,
        parts.link,
        parts.ends,
      ),
      element(
        "div",
        { className: "actions" },
        parts.open,
        parts.copy,
        parts.retry,
        parts.cancel,
        parts.remove,
      ),
    );
    this.speak();
  }

  #thumbnail() {
    const { file } = this.upload;
    const kind = extension(file.name).slice(0, 4).toUpperCase() || "?";
    const badge = element("span", { className: "preview", textContent: kind, ariaHidden: "true" });
    if (!isImage(file) || file.size === 0) return badge;
    this.#preview = URL.createObjectURL(file);
    const image = element("img", { className: "preview", alt: "", decoding: "async" });
    image.onerror = () => image.replaceWith(badge);
    image.src = this.#preview;
    return image;
  }

  /** Says everything anew, in the language that is spoken now. */
  speak() {
    const { name } = this.upload.file;
    for (const part of ["open", "copy", "retry", "cancel", "remove"]) {
      this.#parts[part].textContent = t(part);
      this.#parts[part].ariaLabel = `${t(part)}: ${name}`;
    }
    this.#parts.link.ariaLabel = `${t("link")}: ${name}`;
    this.#parts.bar.ariaLabel = `${t("progress")}: ${name}`;
    this.#parts.size.textContent = size(this.upload.file.size);
    this.show();
  }

  /** Follows the upload. `held` says what keeps those back that wait. */
  show(held = "") {
    const { state, file, loaded, grant, problem } = this.upload;
    const { parts, hasFocus } = { parts: this.#parts, hasFocus: this.hasFocus };
    const isOver = this.upload.isOver;
    this.element.dataset.state = state;
    parts.bar.hidden = isOver || state === "waiting";
    parts.bar.value = file.size === 0 ? 0 : Math.floor((loaded / file.size) * 100);
    parts.state.textContent = this.#words(held);
    parts.why.hidden = parts.detail.hidden = state !== "failed";
    parts.why.textContent = problem ? t(`problem.${problem.name}`, problem.values) : "";
    parts.detail.textContent = problem?.detail ?? "";
    const isDone = state === "done";
    parts.link.hidden = parts.open.hidden = parts.copy.hidden = !isDone;
    parts.ends.hidden = !(isDone && grant.access_expire_at);
    if (isDone) this.#offer(grant);
    parts.retry.hidden = !this.upload.canRetry;
    parts.cancel.hidden = isOver;
    parts.remove.hidden = !isOver;
    // Who stood on a button that went is not thrown to the page's start.
    if (hasFocus && !this.hasFocus) this.focus();
  }

  #offer({ access_url, access_expire_at }) {
    this.#parts.link.value = access_url;
    this.#parts.open.href = access_url;
    if (access_expire_at) {
      this.#parts.ends.textContent = t("linkEnds", { when: time(access_expire_at) });
    }
  }

  #words(held) {
    const { state, file, loaded, speed, renewals, grant, parts } = this.upload;
    if (state === "failed") return "";
    if (state === "waiting") return t(held || "waiting");
    if (state === "asking" && renewals > 0 && !grant) return t("renewing");
    if (state !== "sending") return t(state);
    if (parts?.isResting) return t("paused");
    if (loaded >= file.size) return t("ending");
    const left = speed > 0 && duration((file.size - loaded) / speed);
    return t("sending", { speed: speed > 0 && size(speed), left });
  }

  get hasFocus() {
    const active = document.activeElement;
    return this.element.contains(active) && !active.hidden;
  }

  focus() {
    this.element.querySelector("button:not([hidden]), a:not([hidden])").focus();
  }

  /** Says that the link was copied, for a while; or shows it, to be copied by hand. */
  copied(isCopied) {
    const { copy, link } = this.#parts;
    if (isCopied) {
      copy.textContent = t("copied");
      setTimeout(() => (copy.textContent = t("copy")), 2000);
    } else {
      link.focus();
    }
  }

  remove() {
    if (this.#preview) URL.revokeObjectURL(this.#preview);
    this.element.remove();
  }
}
