package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.cluster.NodeSpec;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.log.LineLimit;
import dev.mapstorm.persistence.store.DatabaseAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Bytes at a node's port for other nodes that no node sends; without TLS. */
class NodePortAttackTest {
  private static final DatabaseAddress NOWHERE =
      DatabaseAddress.of("jdbc:postgresql://127.0.0.1:1/mapstorm", Map.of());
  private static final String FRAME = "org.apache.pekko.remote.artery.jfr.TcpInboundReceived";
  private static final long LIMIT_NS = TimeUnit.MINUTES.toNanos(1);

  /** What LineLimit allows in the test, of a logger and a level, with what it says itself. */
  private static final int LINES = 20;

  private final LoggerContext log = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final Logger root = log.getLogger(Logger.ROOT_LOGGER_NAME);
  private final ListAppender<ILoggingEvent> written = new ListAppender<>();
  private final LineLimit limit = new LineLimit();

  /** The program's own limit, whose windows would end in the midst of a test. */
  private List<LineLimit> configured;

  private RunningNode node;

  @BeforeEach
  void start() {
    written.setContext(log);
    written.start();
    root.addAppender(written);
    configured =
        log.getTurboFilterList().stream()
            .filter(LineLimit.class::isInstance)
            .map(LineLimit.class::cast)
            .toList();
    configured.forEach(LineLimit::stop);
    limit.setContext(log);
    limit.setLines(LINES);
    // One window for the whole test.
    limit.setSeconds(3600);
    limit.start();
    log.addTurboFilter(limit);
    NodeSpec spec =
        new NodeSpec("127.0.0.1", 0, Optional.empty(), List.of(), 1, 10, 4, Version.current());
    node =
        RunningNode.start(
            spec,
            ConfigFactory.empty(),
            NOWHERE,
            new RunningNode.Ports("127.0.0.1", 0, "127.0.0.1", Optional.empty()),
            ManagementAccess.of("127.0.0.1", null));
  }

  @AfterEach
  void end() {
    node.close();
    assertThat(linesOf("org.apache.pekko.actor.CoordinatedShutdown")).isEmpty();
    log.getTurboFilterList().remove(limit);
    limit.stop();
    configured.forEach(LineLimit::start);
    root.detachAppender(written);
  }

  private int port() {
    return URI.create(node.address().replace("pekko://mapstorm@", "http://")).getPort();
  }

  private void send(byte[] bytes) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port())) {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      socket.shutdownOutput();
      // The peer closes, or has nothing to say; either way it has taken the bytes.
      socket.setSoTimeout(2_000);
      try {
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      } catch (IOException e) {
        assertThat(e).hasMessageMatching("(?i).*(timed out|reset).*");
      }
    }
  }

  /** Frames that Artery's framing finds in half a second, also if nobody decodes them any more. */
  private static int frames() throws Exception {
    try (Recording recording = new Recording()) {
      recording.enable(FRAME);
      recording.start();
      TimeUnit.MILLISECONDS.sleep(500);
      recording.stop();
      Path file = Files.createTempFile("frames", ".jfr");
      try {
        recording.dump(file);
        return RecordingFile.readAllEvents(file).size();
      } finally {
        Files.delete(file);
      }
    }
  }

  /** Waits until the framing finds nothing any more, which a loop never comes to. */
  private static void awaitQuiet() throws Exception {
    long until = System.nanoTime() + LIMIT_NS;
    int frames = frames();
    while (frames > 0) {
      assertThat(System.nanoTime()).as("it ends; %d frames", frames).isLessThan(until);
      frames = frames();
    }
  }

  private void assertAlive() throws Exception {
    HttpRequest health =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:%d/health".formatted(node.managementPort())))
            .build();
    assertThat(HttpClient.newHttpClient().send(health, BodyHandlers.ofString()).body())
        .isEqualTo("alive\n");
  }

  private List<String> linesOf(String logger) {
    return List.copyOf(written.list).stream()
        .filter(line -> line.getLoggerName().startsWith(logger))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  /** 1009 bytes that once were 30,000 lines a second for ever. */
  @Test
  void aFrameWhoseLengthOverflowsNeitherFillsTheLogNorIsDecodedForEver() throws Exception {
    try (InputStream bytes = getClass().getResourceAsStream("frame-length-overflow.bin")) {
      send(bytes.readAllBytes());
    }
    awaitQuiet();
    assertThat(linesOf("")).hasSizeLessThan(LINES);
    assertAlive();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, -4, -100, Integer.MIN_VALUE, Integer.MAX_VALUE, (1 << 20) + 1})
  void noLengthOfAFrameIsDecodedForEver(int length) throws Exception {
    for (byte stream = 0; stream < 5; stream++) {
      ByteBuffer bytes = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
      send(bytes.put("AKKA".getBytes()).put(stream).putInt(length).array());
    }
    awaitQuiet();
    assertThat(linesOf("")).hasSizeLessThan(10 * LINES);
    assertAlive();
  }
}
