// Upload one file with URLSession: swift Upload.swift FILE CONTENT_TYPE.
// SERVICE is the service's address, APIKEY your key. Listed, not run by the tests of this package.
import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

struct Answer: Decodable {
    struct Data: Decodable {
        let upload_url: URL
        let access_url: URL
        let content_type: String
    }
    let code: Int
    let message: String?
    let data: Data?
}

struct Refused: Error { let message: String }

func presign(_ file: URL, contentType: String) async throws -> Answer.Data {
    let environment = ProcessInfo.processInfo.environment
    var request = URLRequest(url: URL(string: environment["SERVICE"]! + "/api/oss/presign-put")!)
    request.httpMethod = "POST"
    request.setValue(environment["APIKEY"], forHTTPHeaderField: "Apikey")
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    request.httpBody = try JSONEncoder().encode(
        ["filename": file.lastPathComponent, "content_type": contentType])
    let (body, _) = try await URLSession.shared.data(for: request)
    let answer = try JSONDecoder().decode(Answer.self, from: body)
    guard let data = answer.data else { throw Refused(message: answer.message ?? "") }
    return data
}

func upload(_ file: URL, contentType: String) async throws -> URL {
    let data = try await presign(file, contentType: contentType)
    var request = URLRequest(url: data.upload_url)
    request.httpMethod = "PUT"
    // Exactly the type that was answered: it is signed.
    request.setValue(data.content_type, forHTTPHeaderField: "Content-Type")
    let (body, response) = try await URLSession.shared.upload(for: request, fromFile: file)
    guard (response as? HTTPURLResponse)?.statusCode == 200 else {
        throw Refused(message: String(decoding: body, as: UTF8.self))
    }
    return data.access_url
}

let arguments = CommandLine.arguments
print(try await upload(URL(fileURLWithPath: arguments[1]), contentType: arguments[2]))
