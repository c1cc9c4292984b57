package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.protocol.event.EventBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs in processes of their own that are killed with SIGKILL at random instants and resumed, again
 * and again, end with the hash of the undisturbed run; and what another process could read in the
 * journal before a kill is there after it.
 *
 * <p>{@code -Dmapstorm.kills=N} sets the number of kills (default {@value #DEFAULT_KILLS}), {@code
 * -Dmapstorm.kill-seed=N} repeats the instants of a campaign, as far as wall time can be repeated.
 * The log is in {@code target/kill-campaign.log}.
 */
@DisabledOnOs(OS.WINDOWS)
class KillCampaignTest {
  private static final int DEFAULT_KILLS = 4;
  private static final int LIMIT_SECONDS = 120;
  private static final int WORK_MS = 1_500;
  private static final int START_MS = 1_000;
  private static final int STARTS_IN_TEN = 2;

  /** Small batches and many checkpoints, so that kills meet both. */
  private static final List<List<String>> SCENARIOS =
      List.of(
          scenario("nvme-4k", "150ms"),
          scenario("nvme-4k-lazy", "150ms"),
          scenario("nic-rx", "40ms"),
          scenario("nvme-batch", "200ms", "--set", "hosts=3"));

  private static final int KILLS = Integer.getInteger("mapstorm.kills", DEFAULT_KILLS);
  private static final long SEED = Long.getLong("mapstorm.kill-seed", System.nanoTime());
  private static final List<String> LOG = new ArrayList<>();

  private final Random random = new Random(SEED);

  @TempDir Path folder;

  private static List<String> scenario(String name, String duration, String... more) {
    List<String> words = new ArrayList<>(List.of(name, "--duration", duration));
    words.addAll(
        List.of("--set", "journal.batch-events=700", "--set", "journal.checkpoint-events=20000"));
    words.addAll(List.of(more));
    return words;
  }

  @AfterAll
  static void keepLog() throws IOException {
    Files.write(Files.createDirectories(Path.of("target")).resolve("kill-campaign.log"), LOG);
  }

  @Test
  void killedRunsEndWithTheHashOfTheUndisturbedRunAndLoseNothing() throws Exception {
    LOG.add("seed %d, %d kills".formatted(SEED, KILLS));
    int kills = 0;
    for (int round = 0; kills < KILLS; round++) {
      List<String> scenario = SCENARIOS.get(round % SCENARIOS.size());
      String expected = undisturbed(round, scenario);
      int most = Math.min(KILLS - kills, Math.max(2, KILLS / SCENARIOS.size()));
      kills += killUntilItEnds(round, scenario, expected, most);
    }
    LOG.add("%d kills, all hashes equal".formatted(kills));
  }

  private String undisturbed(int round, List<String> scenario) {
    List<String> words = new ArrayList<>(List.of("run"));
    words.addAll(scenario);
    words.addAll(List.of("--json", "--out", folder.resolve("whole-" + round).toString()));
    return mapstorm(words.toArray(String[]::new)).json().at("/journal/hash").asText();
  }

  /** Kills a run up to {@code most} times, then lets it end; returns how often it was killed. */
  private int killUntilItEnds(int round, List<String> scenario, String expected, int most)
      throws Exception {
    Path run = folder.resolve("killed-" + round);
    int kills = 0;
    boolean ended = false;
    while (!ended) {
      Process process = start(run, scenario);
      boolean atWork = random.nextInt(10) >= STARTS_IN_TEN;
      int delay = random.nextInt(atWork ? WORK_MS : START_MS);
      if (kills < most && atWork) {
        awaitWrite(run, process);
      }
      if (kills == most || process.waitFor(delay, TimeUnit.MILLISECONDS)) {
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        ended = process.exitValue() == 0;
        assertThat(ended).as(() -> read("err")).isTrue();
      } else {
        List<Optional<EventBatch>> before = newest(run);
        process.destroyForcibly();
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        kills++;
        LOG.add(
            "%s: kill %d, %d ms after %s, journaled %s"
                .formatted(
                    scenario.get(0),
                    kills,
                    delay,
                    atWork ? "it first wrote" : "its start",
                    describe(before)));
        assertNothingLost(run, before);
      }
    }
    String hash = mapstorm("analyze", run.toString(), "--json").json().at("/journal/hash").asText();
    LOG.add("%s: ended after %d kills, hash %s".formatted(scenario.get(0), kills, hash));
    assertThat(hash).isEqualTo(expected);
    return kills;
  }

  /** Waits until the process has written into the journal, or ended. */
  private static void awaitWrite(Path run, Process process) throws Exception {
    Path log = run.resolve("journal.db-wal");
    FileTime before = Files.exists(log) ? Files.getLastModifiedTime(log) : FileTime.fromMillis(0);
    while (process.isAlive()
        && (!Files.exists(log) || Files.getLastModifiedTime(log).equals(before))) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private Process start(Path run, List<String> scenario) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Mapstorm.class.getName()));
    if (Files.exists(run.resolve("scenario.conf"))) {
      command.addAll(List.of("resume", run.toString()));
    } else {
      command.add("run");
      command.addAll(scenario);
      command.addAll(List.of("--out", run.toString()));
    }
    return new ProcessBuilder(command)
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  /** The newest batch of each host, as another process sees it now. */
  private static List<Optional<EventBatch>> newest(Path run) {
    if (!RunDirectory.isAt(run)) {
      return List.of();
    }
    JournalReader journal = RunDirectory.open(run).journal().reader();
    return journal.hosts().stream().map(journal::lastBatch).toList();
  }

  private static String describe(List<Optional<EventBatch>> batches) {
    return batches.stream()
        .map(batch -> batch.map(b -> b.index() + 1).orElse(0L) + " batches")
        .toList()
        .toString();
  }

  private static void assertNothingLost(Path run, List<Optional<EventBatch>> before) {
    for (int host = 0; host < before.size(); host++) {
      if (before.get(host).isPresent()) {
        EventBatch batch = before.get(host).get();
        JournalReader journal = RunDirectory.open(run).journal().reader();
        assertThat(journal.batch(host, batch.index()).orElseThrow().hash())
            .as("host %d, batch %d", host, batch.index())
            .isEqualTo(batch.hash());
      }
    }
  }

  private String read(String file) {
    try {
      return Files.readString(folder.resolve(file));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
