// Upload a file by a presigned URL, with libcurl.
//
//   g++ -std=c++17 upload.cpp -lcurl -o upload
//   ./upload URL FILE ["Name: value" ...]
//
// URL and headers are what the backend answered: the `url` and `request_headers` of its presigning.
//
//   plain:                 ./upload "$url" report.pdf
//   headers and metadata:  ... "Content-Type: text/plain" "x-oss-meta-author: ann"
//   callback:              ... "x-oss-callback: eyJj..."
#include <curl/curl.h>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

struct Answer {
    long status = 0;
    std::string etag, body;
};

using Curl = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

static size_t keep_body(char *data, size_t size, size_t count, void *to) {
    static_cast<Answer *>(to)->body.append(data, size * count);
    return size * count;
}

static size_t keep_etag(char *data, size_t size, size_t count, void *to) {
    std::string line(data, size * count);
    if (line.size() > 5 && curl_strnequal(line.c_str(), "etag:", 5)) {
        const size_t start = line.find_first_not_of(" ", 5), end = line.find_last_not_of("\r\n ");
        if (start != std::string::npos && start <= end)
            static_cast<Answer *>(to)->etag = line.substr(start, end - start + 1);
    }
    return size * count;
}

// The text of an element of OSS's XML.
static std::string element(const std::string &xml, const std::string &name) {
    const std::string open = "<" + name + ">";
    const size_t start = xml.find(open);
    if (start == std::string::npos)
        return "";
    const size_t from = start + open.size();
    return xml.substr(from, xml.find("</" + name + ">", from) - from);
}

// PUT the file with exactly these headers. An upload gets no Content-Type; CURLOPT_POSTFIELDS would
// add application/x-www-form-urlencoded.
static Answer upload(const std::string &url, const std::string &path,
                     const std::vector<std::string> &lines) {
    File file(std::fopen(path.c_str(), "rb"), std::fclose);
    Curl curl(curl_easy_init(), curl_easy_cleanup);
    if (!file || !curl)
        throw std::runtime_error("cannot read " + path);

    // An empty "Expect:" switches the question "100-continue?" off.
    Headers headers(curl_slist_append(nullptr, "Expect:"), curl_slist_free_all);
    for (const std::string &line : lines)
        curl_slist_append(headers.get(), line.c_str());

    Answer answer;
    char reason[CURL_ERROR_SIZE] = "";
    const auto length = static_cast<curl_off_t>(std::filesystem::file_size(path));
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PATH_AS_IS, 1L); // as it was signed
    curl_easy_setopt(curl.get(), CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_READDATA, file.get());
    curl_easy_setopt(curl.get(), CURLOPT_INFILESIZE_LARGE, length);
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, 10L);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, keep_body);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, keep_etag);
    curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &answer);
    curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, reason);
    if (curl_easy_perform(curl.get()) != CURLE_OK)
        throw std::runtime_error(reason);
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);

    // 203 is no success: the object is stored, but the callback failed.
    if (answer.status != 200)
        throw std::runtime_error("OSS answered " + std::to_string(answer.status) + " " +
                                 element(answer.body, "Code") + " (EC " + element(answer.body, "EC") +
                                 "): " + element(answer.body, "Message"));
    return answer;
}

int main(int count, char **words) {
    if (count < 3) {
        std::cerr << "upload URL FILE [\"Name: value\" ...]\n";
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int code = 0;
    try {
        const Answer answer = upload(words[1], words[2], {words + 3, words + count});
        // With a callback, the body is what the application said.
        std::cout << "ETag " << answer.etag << "\n" << answer.body << "\n";
    } catch (const std::exception &error) {
        std::cerr << error.what() << "\n";
        code = 1;
    }
    curl_global_cleanup();
    return code;
}
