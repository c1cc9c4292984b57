package dev.mapstorm.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.event.ColumnEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The events of every built-in scenario are those that they were: a change of what is simulated, or
 * of how events are written, is made by decision. If it is meant: {@code mvn -pl load test
 * -Dtest=GoldenHashTest -Dmapstorm.golden=write}, and the commit says what changed and why.
 */
class GoldenHashTest {
  private static final Path FILE = Path.of("src/test/resources/golden-hashes.txt");
  private static final String DURATION = "2ms";

  private static String line(String scenario) throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    long[] events = new long[1];
    List<HostSpec> hosts =
        new ScenarioLoader("golden").set("--duration", "duration", DURATION).load(scenario).hosts();
    for (HostSpec host : hosts) {
      ColumnEncoder encoder = new ColumnEncoder();
      new BareLoop(
              host,
              words -> {
                events[0] += words.count();
                digest.update(encoder.encode(words));
              })
          .run();
    }
    return "%s %s %d %s"
        .formatted(scenario, DURATION, events[0], HexFormat.of().formatHex(digest.digest()));
  }

  @Test
  void builtInScenariosHaveTheirEvents() throws IOException, NoSuchAlgorithmException {
    StringBuilder lines = new StringBuilder("# scenario, duration, events, SHA-256 of batches\n");
    for (String scenario : BuiltIn.SCENARIOS) {
      lines.append(line(scenario)).append('\n');
    }
    if (System.getProperty("mapstorm.golden", "").equals("write")) {
      Files.writeString(FILE, lines);
    }
    assertThat(lines.toString()).isEqualTo(Files.readString(FILE));
  }
}
