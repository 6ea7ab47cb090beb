// Debian has OkHttp 3 only: what programs need of OkHttp 4, said in the words of OkHttp 3.
import java.io.File
import okhttp3.MediaType
import okhttp3.RequestBody
import okhttp3.Response
import okhttp3.ResponseBody

val Response.code: Int get() = this.code()
val Response.body: ResponseBody? get() = this.body()
fun File.asRequestBody(type: MediaType?): RequestBody = RequestBody.create(type, this)
fun String.toMediaType(): MediaType = MediaType.get(this)
fun String.toRequestBody(type: MediaType?): RequestBody = RequestBody.create(type, this)
