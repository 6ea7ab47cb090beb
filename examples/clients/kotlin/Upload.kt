// Upload a file by a presigned URL, with OkHttp 4 or 5: on Android, or on any JVM.
//
//   java -cp ... UploadKt URL FILE ["Name: value" ...]
//
// URL and headers are what the backend answered: the `url` and `request_headers` of its presigning.
//
//   plain:                 UploadKt "$url" report.pdf
//   headers and metadata:  ... "Content-Type: text/plain" "x-oss-meta-author: ann"
//   callback:              ... "x-oss-callback: eyJj..."
import java.io.File
import java.io.IOException
import kotlin.system.exitProcess
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.asRequestBody

/** OSS did not answer 200. */
class UploadException(message: String) : IOException(message)

/** The ETag and, with a callback, what the application said. */
class Uploaded(val etag: String?, val said: String)

private val client = OkHttpClient()

/**
 * PUT the file with exactly these headers.
 *
 * The body has no MediaType, so that OkHttp adds no Content-Type; the one that was signed is set as a
 * header. On Android, call this off the main thread.
 */
fun upload(url: String, file: File, headers: Map<String, String>): Uploaded {
    val request = Request.Builder().url(url).put(file.asRequestBody(null))
    headers.forEach { (name, value) -> request.header(name, value) }
    client.newCall(request.build()).execute().use { answer ->
        val said = answer.body!!.string()
        // 203 is no success, though isSuccessful is true: the object is stored, but the callback failed.
        if (answer.code != 200) throw UploadException(explanation(answer.code, said))
        return Uploaded(answer.header("ETag"), said)
    }
}

/** What OSS's XML says of the error. */
private fun explanation(status: Int, xml: String): String {
    fun element(name: String) = Regex("<$name>([^<]*)</$name>").find(xml)?.groupValues?.get(1) ?: ""
    return "OSS answered $status ${element("Code")} (EC ${element("EC")}): ${element("Message")}"
}

fun main(args: Array<String>) {
    val headers = args.drop(2).associate { it.substringBefore(": ") to it.substringAfter(": ") }
    try {
        val uploaded = upload(args[0], File(args[1]), headers)
        println("ETag ${uploaded.etag}\n${uploaded.said}")
    } catch (error: IOException) {
        System.err.println(error.message)
        exitProcess(1)
    }
}
