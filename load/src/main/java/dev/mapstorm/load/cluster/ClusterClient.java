package dev.mapstorm.load.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Hosts;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Speaks to a node's management port. Thread-safe. */
public final class ClusterClient {
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration ANSWER = Duration.ofSeconds(12);
  private static final int PORT_MAX = 65_535;
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();
  private final URI node;
  private final Optional<String> token;

  /**
   * A client of one node.
   *
   * @param node such as {@code http://127.0.0.1:8558}; the scheme may be left out
   * @param token see {@link ManagementAccess}; null if there is none
   * @throws IllegalArgumentException if {@code node} is no address
   */
  public ClusterClient(String node, String token) {
    this.node = address(node);
    this.token = Optional.ofNullable(token).filter(text -> !text.isBlank());
  }

  private static URI address(String node) {
    try {
      URI uri = new URI(node.contains("://") ? node : "http://" + node);
      if (uri.getHost() != null && uri.getPort() <= PORT_MAX && "http".equals(uri.getScheme())) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Said below, in the words of the option.
    }
    throw new IllegalArgumentException(
        "%s is no address of a node, such as http://127.0.0.1:8558".formatted(node));
  }

  /** Asks one node for something. */
  @FunctionalInterface
  public interface Question<T> {
    /** Fails with {@link NodeUnavailableException} if another node may be able to answer. */
    T ask(ClusterClient node) throws IOException, InterruptedException;
  }

  /**
   * The answer of the first node that has one.
   *
   * @param nodes at least one; asked in order
   * @throws NodeUnavailableException with the reason of each node, if none answers
   */
  public static <T> T first(List<ClusterClient> nodes, Question<T> question)
      throws IOException, InterruptedException {
    List<NodeUnavailableException> reasons = new ArrayList<>();
    for (ClusterClient node : nodes) {
      try {
        return question.ask(node);
      } catch (NodeUnavailableException e) {
        reasons.add(e);
      }
    }
    throw NodeUnavailableException.ofAll(reasons);
  }

  /** What the node knows. */
  public NodeStatus status() throws IOException, InterruptedException {
    return StatusJson.read(get("/status"), NodeStatus.class);
  }

  /**
   * A fleet and some of its hosts.
   *
   * @param first host
   * @param count of hosts from there on
   */
  public Hosts fleet(String run, int first, int count) throws IOException, InterruptedException {
    return StatusJson.read(
        get("/fleets/%s?first=%d&count=%d".formatted(encoded(run), first, count)), Hosts.class);
  }

  /** Hands a fleet to the cluster, which then runs it whatever becomes of this client. */
  public void submit(Submission fleet) throws IOException, InterruptedException {
    post("/fleets", StatusJson.text(fleet));
  }

  /** Stops a fleet. */
  public void stop(String run) throws IOException, InterruptedException {
    post("/fleets/" + encoded(run) + "/stop", "");
  }

  /** Lets the node leave the cluster. */
  public void leave() throws IOException, InterruptedException {
    post("/leave", "");
  }

  /** Its address. */
  @Override
  public String toString() {
    return node.toString();
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private String get(String path) throws IOException, InterruptedException {
    return send(request(path).GET().build());
  }

  private void post(String path, String body) throws IOException, InterruptedException {
    send(
        request(path)
            .header(ManagementRoutes.CONTROL, "1")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(node.resolve(path)).timeout(ANSWER);
    token.ifPresent(said -> request.header("Authorization", ManagementAccess.SCHEME + said));
    return request;
  }

  private String send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response;
    try {
      response = http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      String why = e.getMessage() == null ? "nobody listens there" : e.getMessage();
      throw NodeUnavailableException.unreached("no node answers at %s: %s".formatted(node, why), e);
    }
    int code = response.statusCode();
    if (code / 100 == OK / 100) {
      return response.body();
    }
    String said = reason(response.body());
    if (code == UNAVAILABLE) {
      throw NodeUnavailableException.reached("%s: %s".formatted(node, said));
    }
    throw new IOException("%s: %s".formatted(node, said));
  }

  private static String reason(String body) {
    try {
      JsonNode error = StatusJson.read(body, JsonNode.class).path("error");
      return error.isMissingNode() ? body.strip() : error.asText();
    } catch (IllegalArgumentException e) {
      return body.strip();
    }
  }
}
