#!/bin/sh
# Upload a file by a presigned URL, with curl.
#
#   sh upload.sh URL FILE ['Name: value' ...]
#
# URL and headers are what the backend answered: the `url` and `request_headers` of its presigning.
# plain:                  sh upload.sh "$url" report.pdf
# headers and metadata:   sh upload.sh "$url" report.pdf 'Content-Type: text/plain' 'x-oss-meta-a: 1'
# callback:               sh upload.sh "$url" report.pdf 'x-oss-callback: eyJj...'
set -eu

url=$1 file=$2
shift 2
# Each header becomes two words for curl: --header and the header itself.
count=$#
while [ "$count" -gt 0 ]; do
    set -- "$@" --header "$1"
    shift
    count=$((count - 1))
done

answer=$(mktemp -d)
trap 'rm -rf "$answer"' EXIT

# --upload-file adds no Content-Type (--data-binary does) and streams the file.
# --globoff and --path-as-is: the URL is sent as it was signed.
# "Expect:" switches the question "100-continue?" off, which some proxies leave unanswered.
status=$(curl --silent --show-error --globoff --path-as-is --request PUT --upload-file "$file" \
    --header 'Expect:' "$@" \
    --dump-header "$answer/headers" --output "$answer/body" --write-out '%{http_code}' "$url")

# The text of an element of OSS's XML.
element() {
    tr -d '\r\n' < "$answer/body" | sed -n "s:.*<$1>\([^<]*\)</$1>.*:\1:p"
}

# 203 is no success: the object is stored, but the callback failed.
if [ "$status" != 200 ]; then
    echo "OSS answered $status $(element Code) (EC $(element EC)): $(element Message)" >&2
    exit 1
fi
tr -d '\r' < "$answer/headers" | sed -n 's/^[Ee][Tt]ag: /ETag /p'
# With a callback, this is what the application said.
[ ! -s "$answer/body" ] || cat "$answer/body"
