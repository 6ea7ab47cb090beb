/** What the page says, in English and Chinese. */

const count = (n, one, many) => (n === 1 ? `1 ${one}` : `${n} ${many}`);

const ENGLISH = {
  title: "Upload files",
  key: "API key",
  keyHelp: "Whoever runs this service gives you one.",
  useKey: "Use this key",
  keepKey: "Remember it until this tab is closed",
  changeKey: "Change key",
  wrongKey: "The service does not know this key. Check it, or ask for a new one.",
  theme: "Switch between light and dark",
  choose: "Choose files",
  drop: "or drop them anywhere on this page",
  kinds: "Images, video, audio and PDF",
  dropHere: "Drop to upload",
  retryAll: "Retry all",
  copyAll: "Copy all links",
  clear: "Clear finished",
  cancel: "Cancel",
  retry: "Retry",
  remove: "Remove",
  copy: "Copy link",
  copied: "Copied",
  copyByHand: "Press Ctrl+C or ⌘C to copy",
  open: "Open",
  link: "Link to the file",
  linkEnds: ({ when }) => `The link works until ${when}.`,
  progress: "Progress",
  waiting: "Waiting",
  waitingKey: "Waiting for the API key",
  waitingOnline: "Waiting for the network",
  busy: "The service is busy; this goes on by itself",
  paused: "Connection lost; trying again",
  asking: "Preparing",
  renewing: "The upload address has expired; getting a new one",
  sending: ({ speed, left }) => [speed && `${speed}/s`, left && `${left} left`].filter(Boolean).join(" · "),
  ending: "Finishing",
  done: "Uploaded",
  cancelled: "Cancelled",
  offline: "You are offline. Uploads go on by themselves when the network is back.",
  sum: ({ done, all }) => `${done} of ${count(all, "file", "files")} uploaded`,
  sumFailed: ({ failed }) => `, ${failed} failed`,
  added: ({ all }) => `${count(all, "file", "files")} added`,
  failedNamed: ({ name, why }) => `${name}: ${why}`,
  none: "There are no files in what you dropped.",
  problem: {
    type: ({ kinds }) => `Files of this kind are not accepted. Accepted: ${kinds}.`,
    name: "The file's name is not accepted: it is too long, or holds invisible characters. Rename it.",
    contradiction: ({ type }) => `The file's name does not fit its content (${type}). Was it renamed?`,
    tooLarge: "The file is too large.",
    unreadable: "The file cannot be read any more: it was changed, moved or removed. Choose it again.",
    network: "The storage cannot be reached. Check your network; or the storage does not allow this page (CORS).",
    serviceNetwork: "The service cannot be reached. Check your network.",
    service: "The service cannot prepare the upload now. Try again later.",
    expired: "The upload address expired again and again. Tell whoever runs this service: its clock may be wrong.",
    refused: ({ status }) => `The storage refused the file (${status}).`,
    storage: ({ status }) => `The storage has a problem (${status}). Try again later.`,
    callback: "The file is stored, but the service was not told of it. Try again, or tell whoever runs it.",
  },
};

const CHINESE = {
  title: "上传文件",
  key: "API 密钥",
  keyHelp: "请向本服务的管理员索取。",
  useKey: "使用此密钥",
  keepKey: "在关闭此标签页前记住密钥",
  changeKey: "更换密钥",
  wrongKey: "服务不认识此密钥。请检查，或索取新的密钥。",
  theme: "切换浅色与深色",
  choose: "选择文件",
  drop: "或将文件拖放到本页任意位置",
  kinds: "图片、视频、音频和 PDF",
  dropHere: "松开即可上传",
  retryAll: "全部重试",
  copyAll: "复制全部链接",
  clear: "清除已结束的",
  cancel: "取消",
  retry: "重试",
  remove: "移除",
  copy: "复制链接",
  copied: "已复制",
  copyByHand: "请按 Ctrl+C 或 ⌘C 复制",
  open: "打开",
  link: "文件链接",
  linkEnds: ({ when }) => `链接有效期至 ${when}。`,
  progress: "进度",
  waiting: "等待中",
  waitingKey: "等待输入 API 密钥",
  waitingOnline: "等待网络恢复",
  busy: "服务繁忙，稍后自动继续",
  paused: "连接中断，正在重试",
  asking: "准备中",
  renewing: "上传地址已过期，正在获取新地址",
  sending: ({ speed, left }) => [speed && `${speed}/秒`, left && `剩余 ${left}`].filter(Boolean).join(" · "),
  ending: "即将完成",
  done: "已上传",
  cancelled: "已取消",
  offline: "网络已断开。恢复后将自动继续上传。",
  sum: ({ done, all }) => `已上传 ${done} / ${all} 个文件`,
  sumFailed: ({ failed }) => `，${failed} 个失败`,
  added: ({ all }) => `已添加 ${all} 个文件`,
  failedNamed: ({ name, why }) => `${name}：${why}`,
  none: "拖放的内容中没有文件。",
  problem: {
    type: ({ kinds }) => `不接受此类文件。可接受：${kinds}。`,
    name: "不接受此文件名：过长或含有不可见字符。请重命名。",
    contradiction: ({ type }) => `文件名与内容（${type}）不符。是否改过扩展名？`,
    tooLarge: "文件过大。",
    unreadable: "文件已无法读取：可能被修改、移动或删除。请重新选择。",
    network: "无法连接存储。请检查网络；也可能是存储不允许本页访问（CORS）。",
    serviceNetwork: "无法连接服务。请检查网络。",
    service: "服务目前无法准备上传。请稍后再试。",
    expired: "上传地址一再过期。请告知本服务的管理员：服务的时钟可能不准。",
    refused: ({ status }) => `存储拒绝了此文件（${status}）。`,
    storage: ({ status }) => `存储出现问题（${status}）。请稍后再试。`,
    callback: "文件已存储，但未能通知服务。请重试，或告知管理员。",
  },
};

export const LANGUAGES = { en: ENGLISH, zh: CHINESE };
let language = "en";

/** Takes a language; null is the first of the browser's that there are words in. */
export function speak(wanted) {
  const known = (wanted ? [wanted] : navigator.languages).map((tag) => tag.slice(0, 2));
  language = known.find((tag) => tag in LANGUAGES) ?? "en";
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  document.title = t("title");
  for (const element of document.querySelectorAll("[data-t]")) {
    element.textContent = t(element.dataset.t);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.ariaLabel = element.title = t(element.dataset.label);
  }
}

export const spoken = () => language;

/** Words by name, such as `problem.type`. */
export function t(name, values = {}) {
  const words = name.split(".").reduce((words, part) => words[part], LANGUAGES[language]);
  return typeof words === "function" ? words(values) : words;
}

const number = (value, digits, unit) => {
  const options = { maximumFractionDigits: digits, ...(unit && { style: "unit", unit }) };
  return new Intl.NumberFormat(language, options).format(value);
};

/** A number of bytes, by thousands as file managers count. */
export function size(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let at = 0;
  while (bytes >= 999.5 && at < 3) {
    bytes /= 1000;
    at += 1;
  }
  return `${number(bytes, at > 0 && bytes < 99.5 ? 1 : 0)} ${units[at]}`;
}

/** A time that something takes, roughly. */
export function duration(seconds) {
  if (seconds < 60) return number(Math.max(1, Math.ceil(seconds)), 0, "second");
  if (seconds < 3600) return number(seconds / 60, 0, "minute");
  return number(seconds / 3600, 1, "hour");
}

export const time = (seconds) =>
  new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(seconds * 1000);
