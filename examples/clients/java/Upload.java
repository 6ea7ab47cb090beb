import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Upload a file by a presigned URL, with java.net.http (Java 11 or newer).
 *
 * <pre>java Upload.java URL FILE ["Name: value" ...]</pre>
 *
 * URL and headers are what the backend answered: the `url` and `request_headers` of its presigning.
 *
 * <pre>
 * plain:                 java Upload.java "$url" report.pdf
 * headers and metadata:  ... "Content-Type: text/plain" "x-oss-meta-author: ann"
 * callback:              ... "x-oss-callback: eyJj..."
 * </pre>
 */
public final class Upload {
    /** OSS did not answer 200. */
    static final class UploadException extends IOException {
        private static final long serialVersionUID = 1;

        UploadException(String message) {
            super(message);
        }
    }

    private static final HttpClient CLIENT = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(10))
        .build();

    /** PUT the file with exactly these headers; the file is streamed, and Java adds no Content-Type. */
    static HttpResponse<byte[]> upload(String url, Path file, Map<String, String> headers)
        throws IOException, InterruptedException {
        // URI.create takes the URL as it was signed. The constructors of URI with several
        // arguments, and URLEncoder, would encode it anew.
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofMinutes(5))
            .PUT(HttpRequest.BodyPublishers.ofFile(file));
        headers.forEach(request::setHeader);
        HttpResponse<byte[]> answer =
            CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        // 203 is no success: the object is stored, but the callback failed.
        if (answer.statusCode() != 200) {
            throw new UploadException(explanation(answer.statusCode(), text(answer)));
        }
        return answer;
    }

    /** What OSS's XML says of the error. */
    static String explanation(int status, String body) {
        return String.format("OSS answered %d %s (EC %s): %s", status, element("Code", body),
            element("EC", body), element("Message", body));
    }

    private static String element(String name, String xml) {
        Matcher found = Pattern.compile("<" + name + ">([^<]*)</" + name + ">").matcher(xml);
        return found.find() ? found.group(1) : "";
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    public static void main(String[] args) throws InterruptedException {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line : Arrays.copyOfRange(args, 2, args.length)) {
            String[] header = line.split(": ", 2);
            headers.put(header[0], header[1]);
        }
        try {
            HttpResponse<byte[]> answer = upload(args[0], Path.of(args[1]), headers);
            System.out.println("ETag " + answer.headers().firstValue("ETag").orElse(""));
            // With a callback, this is what the application said: bytes, whatever the console has.
            System.out.write(answer.body());
            System.out.flush();
        } catch (IOException error) {
            System.err.println(error.getMessage());
            System.exit(1);
        }
    }
}
