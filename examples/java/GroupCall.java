import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Uploads a file, calls a list of numbers with it, calls once more whoever was not reached, and shows what came of every call.
 *
 * <pre>BASE_URL=http://127.0.0.1:8080/v3 API_KEY=... API_SECRET=... APP_ID=... java GroupCall.java hello.wav 99910000001 99910000002</pre>
 *
 * {@code npm run demo} prints the four values. Needs a JDK from 17 on and nothing else; where there is a JSON library, it does what {@link Json} does here.
 */
public final class GroupCall {
    private static final String BASE_URL = System.getenv().getOrDefault("BASE_URL", "http://127.0.0.1:8080/v3");
    private static final String API_KEY = setting("API_KEY");
    private static final String API_SECRET = setting("API_SECRET");
    private static final String APP_ID = setting("APP_ID");
    private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    public static void main(String[] args) throws Exception {
        if (args.length < 2) {
            System.err.println("usage: java GroupCall.java FILE NUMBER...");
            System.exit(2);
        }
        try {
            run(args);
        } catch (IOException error) {
            System.err.println(error.getMessage());
            System.exit(1);
        }
    }

    private static String setting(String name) {
        String value = System.getenv().getOrDefault(name, "");
        if (value.isEmpty()) {
            System.err.println("set " + name + "; npm run demo prints it");
            System.exit(2);
        }
        return value;
    }

    private static void run(String[] args) throws Exception {
        // No two files of an account have the same name, and no two tasks.
        String name = "java-" + System.currentTimeMillis();
        Instant begin = Instant.now().minusSeconds(60).truncatedTo(ChronoUnit.SECONDS);

        String content = Base64.getEncoder().encodeToString(Files.readAllBytes(Path.of(args[0])));
        Object fileId = post("/voice/fileUpload", "{\"fileName\":\"" + name + ".wav\",\"file\":\"" + content + "\"}");
        System.out.println("file " + fileId);

        String numbers = Arrays.stream(args).skip(1)
            .map(number -> "{\"calleeNumber\":\"" + number + "\"}")
            .collect(Collectors.joining(","));
        Object taskId = post("/voice/group/call/send", """
            {"appId":"%s","taskName":"%s","numberInfoList":[%s],"source":1,"voiceFileId":"%s",
             "loopCount":1,"maxCalls":30,"maxRingingTime":20,"hangUpSms":0,"toSeat":0,
             "recallFlow":{"recallType":1,"recallInterval":1,"recallNum":1,"nodeList":[]}}
            """.formatted(APP_ID, name, numbers, fileId));
        System.out.println("task " + taskId);

        // The flow of a task is found by the task's id.
        Object flowId = object(list(object(post("/voice/recallFlow/queryPage", """
            {"current":1,"size":1,"params":{"strTime":"2020-01-01 00:00:00","endTime":"2099-01-01 00:00:00","taskName":"%s"}}
            """.formatted(taskId), "status", 0L)).get("records")).get(0)).get("keyId");
        System.out.println("flow " + flowId);

        Map<String, Object> flow = finished(flowId);
        System.out.println("flow " + flowId + " status " + flow.get("status"));

        // Each round that was called has a task of its own.
        List<Object> rounds = new ArrayList<>(List.of(taskId));
        for (Object node : list(flow.get("nodeList"))) {
            if (object(node).get("taskId") != null) rounds.add(object(node).get("taskId"));
        }
        for (Map<String, Object> record : recordsSince(begin)) {
            int round = rounds.indexOf(record.get("taskId")) + 1;
            if (round == 0) continue;
            System.out.println("round " + round + ": " + record.get("callee") + " callStatus " + record.get("callStatus"));
        }
    }

    /** Waits until the flow is completed (2), cancelled (3) or broken (4). */
    private static Map<String, Object> finished(Object flowId) throws Exception {
        while (true) {
            Map<String, Object> flow = object(post("/voice/recallFlow/queryDetail", "{\"keyId\":" + flowId + "}", "code", 0L));
            if ((Long) flow.get("status") >= 2) return flow;
            Thread.sleep(2000);
        }
    }

    /** All call records from then to now, page by page; their times are ISO 8601 with an offset. */
    private static List<Map<String, Object>> recordsSince(Instant begin) throws Exception {
        List<Map<String, Object>> records = new ArrayList<>();
        String span = "\"strTime\":\"" + begin + "\",\"endTime\":\"" + Instant.now().plusSeconds(60).truncatedTo(ChronoUnit.SECONDS) + "\"";
        for (long current = 1, pages = 1; current <= pages; current++) {
            Map<String, Object> page = object(post("/voice/recordGroupQuery",
                "{\"current\":" + current + ",\"size\":100,\"params\":{" + span + "}}"));
            for (Object record : list(page.get("records"))) records.add(object(record));
            pages = (Long) page.get("pages");
        }
        return records;
    }

    private static Object post(String path, String body) throws Exception {
        return post(path, body, "status", "0");
    }

    /**
     * Posts a signed request and returns {@code data}. Every answer is HTTP 200; whether it worked is told by {@code status} or {@code code}, which is a text at some
     * endpoints and a number at others: {@code key} and {@code success} are what the endpoint's documentation shows.
     */
    private static Object post(String path, String body, String key, Object success) throws Exception {
        String timestamp = String.valueOf(Instant.now().getEpochSecond());
        HttpRequest request = HttpRequest.newBuilder(URI.create(BASE_URL + path))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json;charset=UTF-8")
            .header("Api-Key", API_KEY)
            .header("Timestamp", timestamp)
            .header("Sign", sign(timestamp))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
        HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) throw new IOException(path + ": HTTP " + response.statusCode());
        Map<String, Object> answer = object(new Json(response.body()).read());
        if (!success.equals(answer.get(key))) throw new IOException(path + ": " + response.body());
        return answer.get("data");
    }

    /** The MD5 of key, secret and the Unix time in seconds, as hex. */
    private static String sign(String timestamp) throws GeneralSecurityException {
        byte[] text = (API_KEY + API_SECRET + timestamp).getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(text));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object value) {
        return (Map<String, Object>) value;
    }

    private static List<?> list(Object value) {
        return (List<?>) value;
    }
}

/** Reads JSON into Map, List, String, Long, Double, Boolean and null. */
final class Json {
    private final String text;
    private int at = 0;

    Json(String text) {
        this.text = text;
    }

    Object read() {
        switch (peek()) {
            case '{': return object();
            case '[': return array();
            case '"': return string();
            default: return scalar();
        }
    }

    private Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        at++;
        while (peek() != '}') {
            String key = string();
            peek();
            at++;
            object.put(key, read());
            if (peek() == ',') at++;
        }
        at++;
        return object;
    }

    private List<Object> array() {
        List<Object> array = new ArrayList<>();
        at++;
        while (peek() != ']') {
            array.add(read());
            if (peek() == ',') at++;
        }
        at++;
        return array;
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        peek();
        at++;
        while (text.charAt(at) != '"') {
            char letter = text.charAt(at++);
            string.append(letter == '\\' ? escaped() : letter);
        }
        at++;
        return string.toString();
    }

    private char escaped() {
        char letter = text.charAt(at++);
        int plain = "bfnrt".indexOf(letter);
        if (plain >= 0) return "\b\f\n\r\t".charAt(plain);
        if (letter != 'u') return letter;
        at += 4;
        return (char) Integer.parseInt(text.substring(at - 4, at), 16);
    }

    private Object scalar() {
        int start = at;
        while (at < text.length() && ",]} \n\r\t".indexOf(text.charAt(at)) < 0) at++;
        String word = text.substring(start, at);
        switch (word) {
            case "null": return null;
            case "true": return true;
            case "false": return false;
            default: return word.matches("-?\\d+") ? (Object) Long.valueOf(word) : (Object) Double.valueOf(word);
        }
    }

    /** The next letter that is no white space. */
    private char peek() {
        while (Character.isWhitespace(text.charAt(at))) at++;
        return text.charAt(at);
    }
}
