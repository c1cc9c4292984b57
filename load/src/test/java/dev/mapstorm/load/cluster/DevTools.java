package dev.mapstorm.load.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Chromium's DevTools protocol, spoken to one page: calls with their answers, and events, which are
 * kept until they are forgotten. One thread calls.
 */
final class DevTools implements WebSocket.Listener {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long ANSWER_SECONDS = 120;

  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final Queue<JsonNode> events = new ConcurrentLinkedQueue<>();
  private final StringBuilder part = new StringBuilder();
  private WebSocket socket;

  private DevTools() {}

  /** Speaks to the page whose debugger is at this address. */
  static DevTools of(URI debugger) {
    DevTools tools = new DevTools();
    tools.socket =
        HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(debugger, tools).join();
    return tools;
  }

  /** Calls a method and waits for its result; an error of the protocol fails the test. */
  JsonNode call(String method, Map<String, Object> parameters) {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    try {
      String text =
          JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters));
      socket.sendText(text, true).join();
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
    JsonNode said = answer.orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS).join();
    if (said.has("error")) {
      throw new AssertionError("%s: %s".formatted(method, said.get("error")));
    }
    return said.path("result");
  }

  /** The parameters of all events of these methods, in the order in which they came. */
  Stream<JsonNode> heard(String... methods) {
    Set<String> wanted = Set.of(methods);
    return events.stream()
        .filter(event -> wanted.contains(event.path("method").asText()))
        .map(event -> event.path("params"));
  }

  /** Forgets all events. */
  void forget() {
    events.clear();
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    part.append(data);
    if (last) {
      try {
        JsonNode message = JSON.readTree(part.toString());
        if (message.has("id")) {
          waiting.remove(message.get("id").asInt()).complete(message);
        } else {
          events.add(message);
        }
      } catch (JsonProcessingException e) {
        onError(from, e);
      }
      part.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    onError(from, new IllegalStateException("the browser has gone: " + reason));
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    waiting.values().forEach(answer -> answer.completeExceptionally(error));
  }
}
