package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Props;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsSettingsTest {
  private static final Instant NOW = Instant.now();

  /** Within which a node answers that was asked before; who is refused hears nothing. */
  private static final Duration ANSWER = Duration.ofSeconds(3);

  /** Within which the first link stands on a busy machine. */
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir static Path made;
  @TempDir Path folder;
  private final List<ActorSystem> systems = new ArrayList<>();

  /** Does nothing; others ask whether it is there. */
  public static final class Known extends AbstractActor {
    @Override
    public Receive createReceive() {
      return emptyBehavior();
    }
  }

  @BeforeAll
  static void make() throws IOException {
    certificates("ours", "a", "b");
    certificates("theirs", "a");
  }

  private static void certificates(String directory, String... nodes) throws IOException {
    new TestCertificates(made.resolve(directory), List.of(nodes), NOW, Duration.ofDays(2)).write();
  }

  @AfterEach
  void end() throws Exception {
    systems.forEach(ActorSystem::terminate);
    for (ActorSystem system : systems) {
      system.getWhenTerminated().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
  }

  private ActorSystem system(Config transport) {
    Config config =
        transport
            .withFallback(
                ConfigFactory.parseString(
                    """
                    pekko.actor.provider = remote
                    pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                    pekko.loglevel = OFF
                    pekko.stdout-loglevel = OFF
                    """))
            .withFallback(ConfigFactory.load());
    ActorSystem system = ActorSystem.create("node", config);
    systems.add(system);
    return system;
  }

  private static Config tls(String node) {
    return TlsSettings.in(made.resolve(node), NOW).config();
  }

  /** Whether a node finds an actor of another. */
  private static CompletableFuture<Boolean> reaches(
      ActorSystem from, ActorSystem to, Duration within) {
    int port = ((ExtendedActorSystem) to).provider().getDefaultAddress().getPort().orElseThrow();
    return from.actorSelection("pekko://node@127.0.0.1:%d/user/known".formatted(port))
        .resolveOne(within)
        .toCompletableFuture()
        .handle((found, failed) -> failed == null);
  }

  @Test
  void nodesWithCertificatesOfOneCaTalkAndOthersAreRefused() throws Exception {
    ActorSystem node = system(tls("ours/a"));
    node.actorOf(Props.create(Known.class), "known");
    ActorSystem peer = system(tls("ours/b"));
    ActorSystem stranger = system(tls("theirs/a"));
    stranger.actorOf(Props.create(Known.class), "known");
    ActorSystem plain = system(ConfigFactory.parseString("pekko.remote.artery.transport = tcp"));

    assertThat(reaches(peer, node, LONG).join()).isTrue();
    CompletableFuture<Boolean> otherCa = reaches(stranger, node, ANSWER);
    CompletableFuture<Boolean> noTls = reaches(plain, node, ANSWER);
    CompletableFuture<Boolean> towardsOtherCa = reaches(node, stranger, ANSWER);
    assertThat(otherCa.join()).as("another CA").isFalse();
    assertThat(noTls.join()).as("no TLS").isFalse();
    assertThat(towardsOtherCa.join()).as("towards another CA").isFalse();
  }

  @Test
  void linksAreOfTlsThirteenAndNothingOlder() {
    Config config = tls("ours/a").getConfig("pekko.remote.artery");

    assertThat(config.getString("transport")).isEqualTo("tls-tcp");
    assertThat(config.getString("ssl.rotating-keys-engine.protocol")).isEqualTo("TLSv1.3");
  }

  @Test
  void privateKeysAreForTheirOwnerAlone() throws IOException {
    for (String key : List.of("ca.key", "a/tls.key", "b/tls.key")) {
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(made.resolve("ours").resolve(key))))
          .as(key)
          .isEqualTo("rw-------");
    }
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    byte[] before = Files.readAllBytes(made.resolve("ours/b/tls.key"));

    assertThatThrownBy(() -> certificates("ours", "c", "b"))
        .isInstanceOf(TlsException.class)
        .hasMessageContaining("exists, and nothing is overwritten");
    assertThat(made.resolve("ours/c")).doesNotExist();
    assertThat(made.resolve("ours/b/tls.key")).hasBinaryContent(before);
  }

  private Path copy(String name, String from) throws IOException {
    return Files.copy(made.resolve(from), folder.resolve(name));
  }

  private void refused(Instant now, String problem) {
    assertThatThrownBy(() -> TlsSettings.in(folder, now))
        .isInstanceOf(TlsException.class)
        .hasMessageStartingWith(folder.toString())
        .hasMessageContaining(problem)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void whatIsWrongIsToldInOneSentence() throws IOException {
    refused(NOW, "tls.key: there is no such file");
    copy("tls.key", "ours/a/tls.key");
    refused(NOW, "tls.crt: there is no such file");
    copy("tls.crt", "theirs/a/tls.crt");
    copy("ca.crt", "ours/ca.crt");
    refused(NOW, "tls.crt: was not issued by the CA of " + folder.resolve("ca.crt"));
    Files.delete(folder.resolve("tls.crt"));
    copy("tls.crt", "ours/b/tls.crt");
    refused(NOW, "tls.key: is not the key of " + folder.resolve("tls.crt"));
    refused(NOW.plus(Duration.ofDays(3)), "tls.crt: expired at ");
    refused(NOW.minus(Duration.ofDays(1)), "tls.crt: is not valid before ");
    Files.writeString(folder.resolve("tls.key"), "no key");
    refused(NOW, "tls.key: must hold a private key in PEM, not encrypted");
    Files.delete(folder.resolve("tls.key"));
    copy("tls.key", "ours/b/tls.crt");
    refused(NOW, "tls.key: must hold a private key in PEM, not encrypted");
    Files.delete(folder.resolve("ca.crt"));
    copy("ca.crt", "ours/b/tls.crt");
    Files.delete(folder.resolve("tls.key"));
    copy("tls.key", "ours/b/tls.key");
    refused(NOW, "ca.crt: is not the certificate of a CA");
    assertThatThrownBy(() -> TlsSettings.in(folder.resolve("none"), NOW))
        .hasMessage(
            folder.resolve("none") + ": must be a directory with tls.key, tls.crt and ca.crt");
  }
}
