// Upload a file by a presigned URL, with URLSession (Swift 5.5 or newer).
//
//   swift Upload.swift URL FILE ["Name: value" ...]
//
// URL and headers are what the backend answered: the `url` and `request_headers` of its presigning.
//
//   plain:                 swift Upload.swift "$url" report.pdf
//   headers and metadata:  ... "Content-Type: text/plain" "x-oss-meta-author: ann"
//   callback:              ... "x-oss-callback: eyJj..."
import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

struct UploadError: Error, CustomStringConvertible {
    let description: String
}

/// PUT the file with exactly these headers; gives the ETag and, with a callback, what the application
/// said. uploadTask(with:fromFile:) streams the file. It may add a Content-Type of its own to a request
/// that has none: have the backend sign one, and send that.
func upload(
    _ url: URL, file: URL, headers: [String: String],
    done: @escaping (Result<(etag: String, said: String), Error>) -> Void
) {
    var request = URLRequest(url: url)
    request.httpMethod = "PUT"
    headers.forEach { request.setValue($0.value, forHTTPHeaderField: $0.key) }
    URLSession.shared.uploadTask(with: request, fromFile: file) { data, response, error in
        guard let answer = response as? HTTPURLResponse else {
            return done(.failure(error ?? UploadError(description: "no answer")))
        }
        let said = String(decoding: data ?? Data(), as: UTF8.self)
        // 203 is no success: the object is stored, but the callback failed.
        guard answer.statusCode == 200 else {
            let words = explanation(answer.statusCode, said)
            return done(.failure(UploadError(description: words)))
        }
        done(.success((answer.value(forHTTPHeaderField: "ETag") ?? "", said)))
    }.resume()
}

/// What OSS's XML says of the error.
func explanation(_ status: Int, _ xml: String) -> String {
    func element(_ name: String) -> String {
        guard let start = xml.range(of: "<\(name)>"),
            let end = xml.range(of: "</\(name)>", range: start.upperBound..<xml.endIndex)
        else { return "" }
        return String(xml[start.upperBound..<end.lowerBound])
    }
    return "OSS answered \(status) \(element("Code")) (EC \(element("EC"))): \(element("Message"))"
}

let words = CommandLine.arguments
var headers: [String: String] = [:]
for line in words.dropFirst(3) {
    guard let colon = line.range(of: ": ") else { continue }
    headers[String(line[..<colon.lowerBound])] = String(line[colon.upperBound...])
}
// URL(string:) takes the URL as it was signed; URLComponents would encode it anew.
upload(URL(string: words[1])!, file: URL(fileURLWithPath: words[2]), headers: headers) { result in
    switch result {
    case .success(let uploaded):
        print("ETag \(uploaded.etag)\n\(uploaded.said)")
        exit(0)
    case .failure(let error):
        FileHandle.standardError.write(Data("\(error)\n".utf8))
        exit(1)
    }
}
dispatchMain()
