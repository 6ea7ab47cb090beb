#!/bin/sh
# Upload one file: sh upload.sh FILE CONTENT_TYPE. Needs curl and python3, which reads the JSON.
# SERVICE is the service's address, APIKEY your key.
set -eu
file=$1 type=$2
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)["data"][sys.argv[1]])' "$1"; }

answer=$(curl --silent --show-error --fail-with-body "$SERVICE/api/oss/presign-put" \
    --header "Apikey: $APIKEY" --header 'Content-Type: application/json' \
    --data "{\"filename\": \"${file##*/}\", \"content_type\": \"$type\"}") || {
    echo "$answer" >&2
    exit 1
}
# Exactly the content type that was answered: it is signed.
curl --silent --show-error --fail-with-body --upload-file "$file" \
    --header "Content-Type: $(echo "$answer" | field content_type)" \
    "$(echo "$answer" | field upload_url)"
echo "$answer" | field access_url
