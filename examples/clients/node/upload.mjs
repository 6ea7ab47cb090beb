// Upload a file by a presigned URL, with fetch (Node.js 18 or newer).
//
//   node upload.mjs URL FILE ["Name: value" ...]
//
// URL and headers are what the backend answered: the `url` and `request_headers` of its presigning.
//
//   plain:                 node upload.mjs "$url" report.pdf
//   headers and metadata:  ... "Content-Type: text/plain" "x-oss-meta-author: ann"
//   callback:              ... "x-oss-callback: eyJj..."
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

// PUT the file with exactly these headers. A stream gets no Content-Type (a string gets
// text/plain;charset=UTF-8), but is sent in chunks unless its length is said.
async function upload(url, file, headers) {
    const { size } = await stat(file);
    const answer = await fetch(url, {
        method: "PUT",
        headers: [...headers, ["Content-Length", String(size)]],
        body: createReadStream(file),
        duplex: "half",
    });
    const said = await answer.text();
    // 203 is no success, though answer.ok is true: the object is stored, but the callback failed.
    if (answer.status !== 200) {
        throw new Error(explanation(answer.status, said));
    }
    return { etag: answer.headers.get("ETag"), said };
}

// What OSS's XML says of the error.
function explanation(status, xml) {
    const element = (name) => xml.match(`<${name}>([^<]*)</${name}>`)?.[1] ?? "";
    return `OSS answered ${status} ${element("Code")} (EC ${element("EC")}): ${element("Message")}`;
}

const [url, file, ...lines] = process.argv.slice(2);
const headers = lines.map((line) => {
    const colon = line.indexOf(": ");
    return [line.slice(0, colon), line.slice(colon + 2)];
});
try {
    const { etag, said } = await upload(url, file, headers);
    console.log(`ETag ${etag}`);
    // With a callback, this is what the application said.
    console.log(said);
} catch (error) {
    console.error(error.cause ? `${error.message}: ${error.cause.message}` : error.message);
    process.exitCode = 1;
}
