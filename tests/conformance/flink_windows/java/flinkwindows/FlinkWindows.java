// Reads cases, a line each, and writes them with what Flink answers (README.md says in which form).
// A case that Flink refuses has its exception for an answer.
package flinkwindows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.nio.file.Files;
import java.nio.file.Path;

public final class FlinkWindows {
    static final ObjectMapper JSON = new ObjectMapper();

    private FlinkWindows() {}

    public static void main(String[] arguments) throws Exception {
        boolean asJob = arguments[0].equals("--job");
        int first = asJob ? 1 : 0;
        try (BufferedReader in = Files.newBufferedReader(Path.of(arguments[first]));
                BufferedWriter out = Files.newBufferedWriter(Path.of(arguments[first + 1]))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.isBlank()) {
                    continue;
                }
                ObjectNode given = (ObjectNode) JSON.readTree(line);
                given.set("expect", answer(given, asJob));
                out.write(JSON.writeValueAsString(given));
                out.newLine();
            }
        }
        System.exit(0); // Threads of the cluster may linger.
    }

    private static ObjectNode answer(JsonNode given, boolean asJob) throws Exception {
        if (asJob) {
            return new WholeJob(given).run();
        }
        return new OneOperator(given).run();
    }

    static Event event(JsonNode element, int id) {
        return new Event(id, element.get(1).asText(), element.get(0).asLong(),
                element.get(2).asLong(), element.path(3).asInt(0));
    }

    static long watermark(JsonNode element) {
        return element.isTextual() ? Long.MAX_VALUE : element.asLong(); // "max"
    }

    static ObjectNode refusal(Throwable thrown, String phase) {
        Throwable cause = thrown;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        ObjectNode refusal = JSON.createObjectNode();
        refusal.put("error", cause.getClass().getSimpleName());
        refusal.put("message", String.valueOf(cause.getMessage()));
        refusal.put("phase", phase);
        return refusal;
    }
}
