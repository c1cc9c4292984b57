package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.mapstorm.load.cli.CommandLineFixture;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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
