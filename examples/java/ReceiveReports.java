import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Receives status reports, believes only those that are signed, and shows each.
 *
 * <pre>PORT=8000 REPORT_SECRET=... java ReceiveReports.java</pre>
 *
 * The secret is the app's. Needs a JDK from 17 on and nothing else; where there is a JSON library, it takes the place of the patterns.
 */
public final class ReceiveReports {
    private static final byte[] SECRET = System.getenv().getOrDefault("REPORT_SECRET", "").getBytes(StandardCharsets.UTF_8);
    private static final long TOLERANCE_S = 300;

    /** {@code t=<Unix seconds>,v1=<hex>}; there may be several v1. */
    private static final Pattern HEADER = Pattern.compile("t=(\\d{1,12})((?:,\\s*v1=[0-9a-fA-F]{64})+)");
    private static final Pattern SIGNATURE = Pattern.compile("v1=(\\w+)");
    /** A body is one report or, where the app is set to batches, a list of them; no report has another object inside, except in a text. */
    private static final Pattern REPORT = Pattern.compile("\\{(?:[^\"{}]++|\"(?:[^\"\\\\]++|\\\\.)*+\")*+\\}");

    public static void main(String[] args) throws IOException {
        if (SECRET.length == 0) {
            System.err.println("set REPORT_SECRET: without a secret anybody could sign");
            System.exit(2);
        }
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8000"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/", ReceiveReports::receive);
        server.start();
        System.out.println("listening on http://127.0.0.1:" + port + "/");
    }

    private static void receive(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        boolean isSigned = isSigned(exchange.getRequestHeaders().getFirst("Carillon-Signature"), body);
        if (isSigned) show(new String(body, StandardCharsets.UTF_8));
        // Any 2xx within ten seconds is delivered; anything else comes again later.
        exchange.sendResponseHeaders(isSigned ? 200 : 400, -1);
        exchange.close();
    }

    /** The same report may come again: voiceId tells. */
    private static void show(String body) {
        for (Matcher report = REPORT.matcher(body); report.find();) {
            String text = report.group();
            System.out.println("report " + field(text, "voiceId") + " " + field(text, "callee") + " callStatus " + field(text, "callStatus"));
        }
    }

    private static String field(String report, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(report);
        return found.find() ? found.group(1) : null;
    }

    /** HMAC-SHA256 of the time, a dot and the body as it came. */
    private static boolean isSigned(String header, byte[] body) {
        Matcher parts = HEADER.matcher(header == null ? "" : header);
        if (!parts.matches()) return false;
        if (Math.abs(Instant.now().getEpochSecond() - Long.parseLong(parts.group(1))) > TOLERANCE_S) return false;
        byte[] right = hmac(parts.group(1), body);
        boolean isRight = false;
        for (Matcher given = SIGNATURE.matcher(parts.group(2)); given.find();) {
            isRight |= MessageDigest.isEqual(right, HexFormat.of().parseHex(given.group(1)));
        }
        return isRight;
    }

    private static byte[] hmac(String timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
            mac.update((timestamp + ".").getBytes(StandardCharsets.UTF_8));
            return mac.doFinal(body);
        } catch (GeneralSecurityException error) {
            throw new IllegalStateException("every JDK has HmacSHA256", error);
        }
    }
}
