/** What is known of files before they are uploaded. */

/** Types for the files that browsers know no type of. */
const TYPES = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  gif: "image/gif",
  webp: "image/webp",
  bmp: "image/bmp",
  mp4: "video/mp4",
  mov: "video/quicktime",
  avi: "video/x-msvideo",
  mkv: "video/x-matroska",
  webm: "video/webm",
  mp3: "audio/mpeg",
  wav: "audio/wav",
  aac: "audio/aac",
  m4a: "audio/mp4",
  pdf: "application/pdf",
};

export const KINDS = Object.keys(TYPES).join(", ");
/** What one PUT can hold. */
export const LARGEST = 5 * 1024 ** 3;

export const extension = (name) => (/[^.]\.([^.]+)$/.exec(name)?.[1] ?? "").toLowerCase();

export const typeOf = (file) =>
  file.type || TYPES[extension(file.name)] || "application/octet-stream";

/** Whether a browser can show it as an image. */
export const isImage = (file) => /^image\/(jpe?g|png|gif|webp|bmp)$/.test(typeOf(file));

/** Whether the file is still there as it was chosen. */
export async function isReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** All files of what was dropped or pasted, those in folders too. */
export async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.());
  const plain = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return plain;
  const nested = await Promise.all(entries.filter(Boolean).map(below));
  return nested.flat();
}

async function below(entry) {
  if (entry.isFile) return [await new Promise((done, failed) => entry.file(done, failed))];
  const reader = entry.createReader();
  const found = [];
  // A folder is read in portions; an empty one is the end.
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return (await Promise.all(found.map(below))).flat();
    found.push(...some);
  }
}
