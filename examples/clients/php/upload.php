<?php
// Upload a file by a presigned URL, with the extension curl.
//
//   php upload.php URL FILE ["Name: value" ...]
//
// URL and headers are what the backend answered: the `url` and `request_headers` of its presigning.
//
//   plain:                 php upload.php "$url" report.pdf
//   headers and metadata:  ... "Content-Type: text/plain" "x-oss-meta-author: ann"
//   callback:              ... "x-oss-callback: eyJj..."
declare(strict_types=1);

/**
 * PUT the file with exactly these headers.
 *
 * CURLOPT_UPLOAD streams the file and adds no Content-Type; CURLOPT_POSTFIELDS adds
 * application/x-www-form-urlencoded, also to a PUT.
 *
 * @param string[] $headers each "Name: value"
 * @return array{string, string} the ETag and, with a callback, what the application said
 */
function upload(string $url, string $path, array $headers): array
{
    $file = fopen($path, 'rb');
    if ($file === false) {
        throw new RuntimeException("cannot read $path");
    }
    $etag = '';
    $curl = curl_init($url);
    curl_setopt_array($curl, [
        CURLOPT_UPLOAD => true,
        CURLOPT_INFILE => $file,
        CURLOPT_INFILESIZE => filesize($path),
        // An empty "Expect:" switches the question "100-continue?" off.
        CURLOPT_HTTPHEADER => ['Expect:', ...$headers],
        CURLOPT_PATH_AS_IS => true, // as it was signed
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_CONNECTTIMEOUT => 10,
        CURLOPT_HEADERFUNCTION => function ($curl, string $line) use (&$etag): int {
            if (stripos($line, 'etag:') === 0) {
                $etag = trim(substr($line, 5));
            }
            return strlen($line);
        },
    ]);
    $body = curl_exec($curl);
    if ($body === false) {
        throw new RuntimeException(curl_error($curl));
    }
    $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    // 203 is no success: the object is stored, but the callback failed.
    if ($status !== 200) {
        throw new RuntimeException(explanation($status, $body));
    }
    return [$etag, $body];
}

/** What OSS's XML says of the error. */
function explanation(int $status, string $xml): string
{
    $element = fn(string $name): string => preg_match("~<$name>([^<]*)</$name>~", $xml, $found) ? $found[1] : '';
    return "OSS answered $status {$element('Code')} (EC {$element('EC')}): {$element('Message')}";
}

try {
    [$etag, $said] = upload($argv[1], $argv[2], array_slice($argv, 3));
    echo "ETag $etag\n$said\n";
} catch (RuntimeException $error) {
    fwrite(STDERR, $error->getMessage() . "\n");
    exit(1);
}
