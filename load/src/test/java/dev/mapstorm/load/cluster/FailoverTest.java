package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.mapstorm.load.cli.CommandLineFixture;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.protocol.cluster.CoordinatorReply;
import dev.mapstorm.protocol.cluster.HostMove;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a client does while nobody coordinates. */
class FailoverTest {
  private static final String MOVING =
      "the coordinator does not answer at the moment, it may be moving to another node";

  private final AtomicLong now = new AtomicLong();
  private final List<String> heard = new ArrayList<>();

  private static NodeUnavailableException moving() {
    return NodeUnavailableException.reached("node-1: moving");
  }

  @Test
  void waitsAsLongAsANodeIsThereAndSaysWhyOnce() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    String answer =
        Failover.through(
            () -> {
              switch (asked.getAndIncrement()) {
                case 0:
                  throw moving();
                case 1:
                  // The last node that was there begins anew.
                  throw NodeUnavailableException.unreached("nobody", null);
                default:
                  return "done";
              }
            },
            now::get,
            heard::add);
    assertThat(answer).isEqualTo("done");
    assertThat(heard).containsExactly("node-1: moving");
  }

  @Test
  void doesNotWaitForNobody() {
    assertThatThrownBy(
            () ->
                Failover.through(
                    () -> {
                      throw NodeUnavailableException.unreached("nobody listens", null);
                    },
                    now::get,
                    heard::add))
        .hasMessage("nobody listens");
    assertThat(heard).isEmpty();
  }

  @Test
  void givesUpAfterAWhile() {
    AtomicInteger asked = new AtomicInteger();
    assertThatThrownBy(
            () ->
                Failover.through(
                    () -> {
                      asked.incrementAndGet();
                      now.addAndGet(25_000_000_000L);
                      throw moving();
                    },
                    now::get,
                    heard::add))
        .hasMessage("node-1: moving");
    assertThat(asked).hasValue(3);
  }

  /** Answers every request with the same refusal. */
  private static HttpServer node(int code, String error) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] body = StatusJson.text(new Refusal(error)).getBytes(StandardCharsets.UTF_8);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(code, body.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    server.start();
    return server;
  }

  /** Answers each request with the next of some answers, and with the last from then on. */
  private static HttpServer script(Answer... answers) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    AtomicInteger asked = new AtomicInteger();
    server.createContext(
        "/",
        exchange -> {
          Answer answer = answers[Math.min(asked.getAndIncrement(), answers.length - 1)];
          byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(answer.code(), body.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    server.start();
    return server;
  }

  /** Of a node. */
  private record Answer(int code, String body) {
    static Answer refusal(String why) {
      return new Answer(503, StatusJson.text(new Refusal(why)));
    }

    static Answer status(CoordinatorReply.Overview cluster) {
      return new Answer(
          200,
          StatusJson.text(
              new NodeStatus(
                  "node-1", "1", "Up", true, "", "", List.of(), Map.of(), List.of(), cluster)));
    }
  }

  private static CoordinatorReply.Overview fleet(String state, String failure, String trouble) {
    CoordinatorReply.FleetSummary fleet =
        new CoordinatorReply.FleetSummary(
            "mine",
            "nvme-4k",
            state,
            1,
            failure.isEmpty() ? 0 : 1,
            0,
            0,
            0,
            0,
            "",
            failure,
            trouble,
            new CoordinatorReply.Moves(0, 0, 0, 0, new HostMove[0]));
    return new CoordinatorReply.Overview(
        "node-1", new CoordinatorReply.FleetSummary[] {fleet}, new CoordinatorReply.NodeSummary[0]);
  }

  private static String address(HttpServer node) {
    return "127.0.0.1:" + node.getAddress().getPort();
  }

  /** Also after the fleet was submitted, and the failure of a host is shown as it is. */
  @Test
  void aRunThatWaitsNamesEveryNodesReason() throws Exception {
    Answer noCoordinator = Answer.status(null);
    Answer[] away = new Answer[14];
    Arrays.fill(away, noCoordinator);
    away[0] = Answer.refusal(MOVING);
    away[1] = new Answer(200, "{}");
    away[away.length - 1] =
        Answer.status(fleet("failed", "host 0: set aside: it ended 2 nodes", ""));
    HttpServer first = script(away);
    HttpServer second = node(503, "the database cannot be reached");
    try {
      Ran ran =
          CommandLineFixture.mapstorm(
              "cluster",
              "run",
              "nvme-4k",
              "--run",
              "mine",
              "--node",
              address(first),
              "--node",
              address(second));
      assertThat(ran.code()).isEqualTo(1);
      String other = "; http://%s: the database cannot be reached\n".formatted(address(second));
      assertThat(ran.err())
          .contains(
              "mapstorm: waiting for the cluster: http://%s: %s%s"
                  .formatted(address(first), MOVING, other))
          .contains(
              "mapstorm: waiting for the cluster: http://%s: the coordinator does not answer at the moment, it may be moving%s"
                  .formatted(address(first), other))
          .contains("mapstorm: the cluster answers again\n");
      assertThat(ran.out()).contains("host 0: set aside: it ended 2 nodes");
    } finally {
      first.stop(0);
      second.stop(0);
    }
  }

  /** Not every host that stands still waits for its journal. */
  @Test
  void aHostThatIsNotBegunIsShownWithItsReason() throws Exception {
    HttpServer node =
        script(Answer.status(fleet("running", "", "not begun: one host needs about 2 GiB")));
    try {
      Ran ran = CommandLineFixture.mapstorm("cluster", "status", "--node", address(node));
      assertThat(ran.out())
          .contains("\n          not begun: one host needs about 2 GiB\n")
          .doesNotContain("journal");
    } finally {
      node.stop(0);
    }
  }

  private static int unused() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void everyNodesReasonIsNamed() throws Exception {
    HttpServer moving = node(503, MOVING);
    HttpServer full = node(503, "the database cannot be reached");
    int nobody = unused();
    try {
      Ran ran =
          CommandLineFixture.mapstorm(
              "cluster",
              "status",
              "--node",
              "127.0.0.1:" + moving.getAddress().getPort(),
              "--node",
              "127.0.0.1:" + nobody,
              "--node",
              "127.0.0.1:" + full.getAddress().getPort());
      assertThat(ran.code()).isEqualTo(1);
      assertThat(ran.err())
          .hasLineCount(1)
          .startsWith(
              "mapstorm: http://127.0.0.1:%d: %s; no node answers at http://127.0.0.1:%d: "
                  .formatted(moving.getAddress().getPort(), MOVING, nobody))
          .contains(
              "; http://127.0.0.1:%d: the database cannot be reached"
                  .formatted(full.getAddress().getPort()));
    } finally {
      moving.stop(0);
      full.stop(0);
    }
  }
}
