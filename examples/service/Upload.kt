// Upload one file with OkHttp: kotlin UploadKt FILE CONTENT_TYPE.
// Needs com.squareup.okhttp3:okhttp and org.json:json, both of which Android apps often have.
// SERVICE is the service's address, APIKEY your key.
import java.io.File
import java.io.IOException
import okhttp3.MediaType.Companion.toMediaType
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.asRequestBody
import okhttp3.RequestBody.Companion.toRequestBody
import org.json.JSONObject

private val client = OkHttpClient()

fun presign(file: File, contentType: String): JSONObject {
    val body = JSONObject().put("filename", file.name).put("content_type", contentType).toString()
    val request = Request.Builder()
        .url(System.getenv("SERVICE") + "/api/oss/presign-put")
        .header("Apikey", System.getenv("APIKEY"))
        .post(body.toRequestBody("application/json".toMediaType()))
        .build()
    client.newCall(request).execute().use { response ->
        val answer = JSONObject(response.body!!.string())
        if (!response.isSuccessful) throw IOException(answer.getString("message"))
        return answer.getJSONObject("data")
    }
}

fun upload(file: File, contentType: String): String {
    val data = presign(file, contentType)
    // A MediaType without charset: OkHttp sends it as it is, and it is signed so.
    val type = data.getString("content_type").toMediaType()
    val request = Request.Builder().url(data.getString("upload_url")).put(file.asRequestBody(type)).build()
    client.newCall(request).execute().use { response ->
        if (response.code != 200) throw IOException("OSS answered ${response.code}: ${response.body!!.string()}")
    }
    return data.getString("access_url")
}

fun main(args: Array<String>) {
    println(upload(File(args[0]), args[1]))
}
