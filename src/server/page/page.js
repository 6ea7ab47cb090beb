/** The upload page: joins what people do with the queue of uploads, and shows what becomes of it. */

import { filesOf } from "./files.js";
import { Queue } from "./queue.js";
import { Row } from "./row.js";
import { speak, spoken, t } from "./words.js";

const $ = (id) => document.getElementById(id);
/** Screen readers are told of changes at most so often. */
const SAID_EVERY_MS = 1500;
const rows = new Map();
const queue = new Queue({ changed, keyWanted: () => askForKey(true) });

// What is shown follows what has changed, once a frame.
const stale = new Set();

function changed(upload) {
  if (stale.size === 0) requestAnimationFrame(show);
  stale.add(upload);
  if (upload.state === "failed") failed(upload);
}

function show() {
  const held = heldBy();
  for (const upload of stale) rows.get(upload)?.show(held);
  stale.clear();
  summarize();
}

function showAll() {
  const held = heldBy();
  for (const row of rows.values()) row.show(held);
  summarize();
}

/** What keeps back the uploads that wait. */
function heldBy() {
  if (!navigator.onLine) return "waitingOnline";
  if (!queue.key) return "waitingKey";
  return queue.isBusy ? "busy" : "";
}

function summarize() {
  const all = queue.uploads.length;
  const number = (...states) => queue.uploads.filter(({ state }) => states.includes(state)).length;
  const [done, failed] = [number("done"), number("failed")];
  const sum = t("sum", { done, all }) + (failed ? t("sumFailed", { failed }) : "");
  $("list").hidden = all === 0;
  $("sum").textContent = sum;
  $("offline").hidden = navigator.onLine;
  $("retry-all").hidden = queue.uploads.filter(isRetried).length < 2;
  $("copy-all").hidden = done < 2;
  $("clear").hidden = number("done", "cancelled") < 2;
  const active = queue.uploads.some((upload) => !upload.isOver);
  window.onbeforeunload = active ? (event) => event.preventDefault() : null;
  if (all > 0 && done > 0) say("sum", sum);
}

// What screen readers say: the newest of each kind, a few at a time.
const unsaid = new Map();
let saying = null;
const said = new Map();

function say(kind, words) {
  if (said.get(kind) === words) return;
  said.set(kind, words);
  unsaid.set(kind, words);
  saying ??= setTimeout(() => {
    saying = null;
    $("status").textContent = [...unsaid.values()].join(". ");
    unsaid.clear();
  }, SAID_EVERY_MS);
}

function failed({ file, problem }) {
  const why = t(`problem.${problem.name}`, problem.values);
  say(file, t("failedNamed", { name: file.name, why }));
}

// Files: chosen, dropped, pasted.

function add(files) {
  if (files.length === 0) return say("added", t("none"));
  for (const upload of queue.add(files)) {
    const row = new Row(upload, act);
    rows.set(upload, row);
    $("rows").append(row.element);
  }
  said.delete("added");
  say("added", t("added", { all: files.length }));
  showAll();
}

$("files").onchange = ({ target }) => {
  add([...target.files]);
  target.value = ""; // The same file may be chosen again.
};

const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
const dragging = (isOver) => document.documentElement.classList.toggle("dragging", isOver);

document.ondragover = (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  dragging(true);
};
document.ondragleave = ({ relatedTarget }) => relatedTarget ?? dragging(false);
document.ondrop = async (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  dragging(false);
  add(await filesOf(event.dataTransfer));
};
document.onpaste = async ({ clipboardData }) => {
  if (clipboardData.files.length > 0) add(await filesOf(clipboardData));
};

// What can be done with a row, and with all.

async function act(action, row) {
  if (action === "copy") return row.copied(await copy(row.upload.grant.access_url));
  if (action === "remove") return remove(row);
  queue[action](row.upload);
}

function remove(row) {
  const next = row.element.nextElementSibling ?? row.element.previousElementSibling;
  queue.remove(row.upload);
  row.remove();
  rows.delete(row.upload);
  const neighbour = [...rows.values()].find(({ element }) => element === next);
  (neighbour ?? $("files")).focus();
  summarize();
}

async function copy(text) {
  let isCopied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Not there without HTTPS: what browsers had before.
    const area = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
    area.className = "unseen";
    const focused = document.activeElement;
    document.body.append(area);
    area.select();
    isCopied = document.execCommand("copy");
    area.remove();
    focused?.focus();
  }
  said.delete("copied");
  say("copied", t(isCopied ? "copied" : "copyByHand"));
  return isCopied;
}

const isRetried = ({ state, canRetry }) => state === "failed" && canRetry;

$("retry-all").onclick = () => {
  queue.uploads.filter(isRetried).forEach((upload) => queue.retry(upload));
  $("sum").focus();
};
$("copy-all").onclick = async () => {
  const done = queue.uploads.filter(({ state }) => state === "done");
  const isCopied = await copy(done.map(({ grant }) => grant.access_url).join("\n"));
  if (!isCopied) return;
  $("copy-all").textContent = t("copied");
  setTimeout(() => ($("copy-all").textContent = t("copyAll")), 2000);
};
$("clear").onclick = () => {
  for (const [upload, row] of rows) {
    if (["done", "cancelled"].includes(upload.state)) remove(row);
  }
  (rows.size > 0 ? $("sum") : $("files")).focus();
};

// The key: typed, or from the address that `ossign serve --demo` prints. Never in a URL that is sent.

const KEPT = "ossign-key";

function askForKey(isWrong = false) {
  if (isWrong) sessionStorage.removeItem(KEPT);
  $("key-form").hidden = false;
  $("change-key").hidden = true;
  $("key-error").hidden = !isWrong;
  $("key-error").textContent = isWrong ? t("wrongKey") : "";
  $("key").ariaInvalid = String(isWrong);
  if (isWrong) say("key", t("wrongKey"));
  $("key").focus();
  $("key").select();
}

function useKey(key) {
  $("key-form").hidden = true;
  $("change-key").hidden = false;
  said.delete("key");
  queue.useKey(key);
  showAll();
}

$("key-form").onsubmit = (event) => {
  event.preventDefault();
  const key = $("key").value.trim();
  if (!/^[\x21-\x7e]+$/.test(key)) return askForKey(true);
  sessionStorage.removeItem(KEPT);
  if ($("keep").checked) sessionStorage.setItem(KEPT, key);
  useKey(key);
  $("files").focus();
};
$("change-key").onclick = () => {
  $("key").value = "";
  askForKey();
};

function start() {
  const handed = new URLSearchParams(location.hash.slice(1)).get("key");
  // Out of the address bar, and of the history.
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  const key = handed || sessionStorage.getItem(KEPT);
  if (key) useKey(key);
  else askForKey();
}

// Language, and light or dark. What was chosen is kept; without a choice it is the browser's.

function speakAll(language) {
  speak(language);
  $("language").textContent = spoken() === "zh" ? "English" : "中文";
  $("language").lang = spoken() === "zh" ? "en" : "zh-Hans";
  document.body.dataset.drop = t("dropHere");
  if (!$("key-error").hidden) $("key-error").textContent = t("wrongKey");
  for (const row of rows.values()) row.speak();
  showAll();
}

$("language").onclick = () => {
  const language = spoken() === "zh" ? "en" : "zh";
  localStorage.setItem("ossign-language", language);
  speakAll(language);
};

const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
const theme = document.documentElement.dataset;

$("theme").onclick = () => {
  const isDark = theme.theme ? theme.theme === "dark" : prefersDark.matches;
  theme.theme = isDark ? "light" : "dark";
  localStorage.setItem("ossign-theme", theme.theme);
};

if (localStorage.getItem("ossign-theme")) theme.theme = localStorage.getItem("ossign-theme");
window.addEventListener("online", showAll);
window.addEventListener("offline", showAll);
speakAll(localStorage.getItem("ossign-language"));
start();
