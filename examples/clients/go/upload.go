// Upload a file by a presigned URL, with net/http.
//
//	go run upload.go URL FILE ["Name: value" ...]
//
// URL and headers are what the backend answered: the url and request_headers of its presigning.
//
//	plain:                 go run upload.go "$url" report.pdf
//	headers and metadata:  ... "Content-Type: text/plain" "x-oss-meta-author: ann"
//	callback:              ... "x-oss-callback: eyJj..."
package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// Client has a time limit; http.DefaultClient has none.
var client = &http.Client{Timeout: 5 * time.Minute}

// UploadError is an answer other than 200.
type UploadError struct {
	Status  int    `xml:"-"`
	Code    string `xml:"Code"`
	EC      string `xml:"EC"`
	Message string `xml:"Message"`
}

func (e *UploadError) Error() string {
	return fmt.Sprintf("OSS answered %d %s (EC %s): %s", e.Status, e.Code, e.EC, e.Message)
}

// upload PUTs the file with exactly these headers. It returns the ETag and, with a callback, what the
// application said.
func upload(url, path string, headers map[string]string) (etag string, said []byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", nil, err
	}
	defer file.Close()
	facts, err := file.Stat()
	if err != nil {
		return "", nil, err
	}
	// Go adds no Content-Type. It sends a file in chunks unless its length is said, and a length of
	// 0 means "unknown" unless there is no body.
	var body io.Reader = file
	if facts.Size() == 0 {
		body = http.NoBody
	}
	// The URL goes out as it was signed: do not build it anew from url.Parse and Query().
	request, err := http.NewRequest(http.MethodPut, url, body)
	if err != nil {
		return "", nil, err
	}
	request.ContentLength = facts.Size()
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	answer, err := client.Do(request)
	if err != nil {
		return "", nil, err
	}
	defer answer.Body.Close()
	said, err = io.ReadAll(answer.Body)
	if err != nil {
		return "", nil, err
	}
	// 203 is no success: the object is stored, but the callback failed.
	if answer.StatusCode != http.StatusOK {
		refusal := &UploadError{Status: answer.StatusCode}
		_ = xml.Unmarshal(said, refusal) // an answer that is not OSS's has a status alone
		return "", nil, refusal
	}
	return answer.Header.Get("ETag"), said, nil
}

func main() {
	headers := map[string]string{}
	for _, line := range os.Args[3:] {
		name, value, _ := strings.Cut(line, ": ")
		headers[name] = value
	}
	etag, said, err := upload(os.Args[1], os.Args[2], headers)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ETag", etag)
	os.Stdout.Write(said)
}
