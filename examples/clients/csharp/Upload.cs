// Upload a file by a presigned URL, with HttpClient.
//
//   Upload URL FILE ["Name: value" ...]
//
// URL and headers are what the backend answered: the `url` and `request_headers` of its presigning.
//
//   plain:                 Upload "$url" report.pdf
//   headers and metadata:  ... "Content-Type: text/plain" "x-oss-meta-author: ann"
//   callback:              ... "x-oss-callback: eyJj..."
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Tasks;

/// <summary>OSS did not answer 200.</summary>
public class UploadException : Exception
{
    public UploadException(string message) : base(message) { }
}

public static class Program
{
    static readonly HttpClient Client = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };

    /// <summary>PUT the file with exactly these headers. StreamContent adds no Content-Type;
    /// StringContent and MultipartFormDataContent do.</summary>
    static async Task<HttpResponseMessage> Upload(
        string url, string path, IEnumerable<KeyValuePair<string, string>> headers)
    {
        using (var file = File.OpenRead(path))
        using (var request = new HttpRequestMessage(HttpMethod.Put, new Uri(url)))
        {
            request.Content = new StreamContent(file);
            // Even 0 is to be said, or nothing is.
            request.Content.Headers.ContentLength = file.Length;
            request.Headers.ExpectContinue = false;
            foreach (var header in headers)
            {
                // Content-Type, Content-MD5 and their like belong to the content, and only there;
                // without validation, for a parsed value is written anew.
                if (!request.Headers.TryAddWithoutValidation(header.Key, header.Value))
                    request.Content.Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
            var answer = await Client.SendAsync(request);
            // 203 is no success, though IsSuccessStatusCode is true: the object is stored, but the
            // callback failed.
            if ((int)answer.StatusCode != 200)
                throw new UploadException(Explanation((int)answer.StatusCode, await Text(answer)));
            return answer;
        }
    }

    /// <summary>What OSS's XML says of the error.</summary>
    static string Explanation(int status, string xml)
    {
        Func<string, string> element =
            name => Regex.Match(xml, "<" + name + ">([^<]*)</" + name + ">").Groups[1].Value;
        return string.Format("OSS answered {0} {1} (EC {2}): {3}",
            status, element("Code"), element("EC"), element("Message"));
    }

    static async Task<string> Text(HttpResponseMessage answer)
    {
        return Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync());
    }

    static async Task<int> Run(string[] args)
    {
        var headers = args.Skip(2).Select(line => line.Split(new[] { ": " }, 2, StringSplitOptions.None))
            .Select(pair => new KeyValuePair<string, string>(pair[0], pair[1]));
        try
        {
            var answer = await Upload(args[0], args[1], headers);
            Console.WriteLine("ETag " + answer.Headers.GetValues("ETag").First());
            // With a callback, this is what the application said.
            Console.WriteLine(await Text(answer));
            return 0;
        }
        catch (Exception error) when (error is UploadException || error is HttpRequestException)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
    }

    public static int Main(string[] args)
    {
        return Run(args).GetAwaiter().GetResult();
    }
}
