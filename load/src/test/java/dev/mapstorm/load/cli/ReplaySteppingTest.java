package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.step.StepSession;
import dev.mapstorm.persistence.index.RunIndex;
import dev.mapstorm.persistence.replay.Moment;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplaySteppingTest {
  @TempDir static Path folder;

  private static Path run;

  @BeforeAll
  static void runOnce() {
    run = folder.resolve("run");
    Ran ran = mapstorm("run", "nvme-4k", "--duration", "2ms", "--out", run.toString());
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(run.resolve("index.db")).exists();
  }

  private static Ran exec(String... commands) {
    List<String> line = new ArrayList<>(List.of("replay", run.toString()));
    for (String each : commands) {
      line.add("--exec");
      line.add(each);
    }
    return mapstorm(line.toArray(String[]::new));
  }

  private static List<JsonNode> json(String... options) throws IOException {
    List<String> line = new ArrayList<>(List.of("replay", run.toString(), "--json"));
    line.addAll(Arrays.asList(options));
    Ran ran = mapstorm(line.toArray(String[]::new));
    assertThat(ran.code()).as(ran.err()).isZero();
    List<JsonNode> answers = new ArrayList<>();
    for (String each : ran.out().split("\n")) {
      answers.add(new ObjectMapper().readTree(each));
    }
    return answers;
  }

  @Test
  void aScriptGoesForwardsAndBackwards() {
    Ran ran = exec("next; next 2 kind=mapped", "prev", "where");

    assertThat(ran.code()).as(ran.err()).isZero();
    String[] lines = ran.out().split("\n");
    assertThat(lines).hasSize(6);
    assertThat(lines[0]).matches(" +0  0\\.000000000 s  dma-requested +client 0  op 0 .*");
    assertThat(lines[1]).contains(" s  mapped ", "iova 0x");
    assertThat(lines[2]).contains(" s  mapped ");
    assertThat(lines[4]).isEqualTo(lines[3]);
    assertThat(lines[5]).matches("event \\d+ of 0 to \\d+, batch 0 of 0 to \\d+");
  }

  @Test
  void anAnswerIsALineOfJson() throws IOException {
    List<JsonNode> answers =
        json("--exec", "goto 1ms; info; list 0xfffff000 4; next 3 kind=iova-freed; quit; next");

    assertThat(answers).hasSize(4);
    JsonNode place = answers.get(0);
    assertThat(place.get("command").asText()).isEqualTo("goto 1ms");
    assertThat(place.at("/result/at/t").asLong()).isLessThanOrEqualTo(1_000_000);
    long event = place.at("/result/at/event").asLong();
    assertThat(answers.get(1).at("/result/events").asLong()).isEqualTo(event + 1);
    assertThat(answers.get(2).at("/result/domains/0/ranges")).hasSize(4);
    assertThat(answers.get(3).at("/result/found").asInt()).isEqualTo(3);
    assertThat(answers.get(3).at("/result/events/2/arguments/destination").asText())
        .isEqualTo("magazine");
    JsonNode state = mapstorm("replay", run.toString(), "--at", "1ms", "--json").json();
    assertThat(answers.get(1).get("result")).isEqualTo(state);
  }

  @Test
  void aWatchedAddressStopsTheRunBothWays() throws IOException {
    JsonNode mapped = json("--exec", "next 300 kind=mapped").get(0).at("/result/events/19");
    String address = mapped.at("/arguments/iova").asText();

    List<JsonNode> answers =
        json("--exec", "watch " + address + "; c; c; where; rc; unwatch; rc; c");

    long first = answers.get(1).at("/result/events/0/event").asLong();
    assertThat(answers.get(1).at("/result/events/0/kind").asText()).isEqualTo("iova-allocated");
    assertThat(answers.get(2).at("/result/events/0/kind").asText()).isEqualTo("ptes-mapped");
    assertThat(answers.get(2).at("/result/events/0/arguments/iova").asText()).isEqualTo(address);
    assertThat(answers.get(4).at("/result/events/0/event").asLong()).isEqualTo(first);
    assertThat(answers.get(6).at("/result/at").isNull()).isTrue();
    assertThat(answers.get(7).at("/result/at/event").asLong())
        .isEqualTo(answers.get(7).at("/result/events").asLong() - 1);
  }

  @Test
  void mappingsAroundAnAddressPointAtIt() {
    Ran ran = exec("goto 1ms; next kind=mapped; list; list 0x1000");

    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).contains(" is in use\n", "=>  0x", "domain 0: 0x1000 is free\n");
  }

  @Test
  void anAddressThatIsShownIsUnderstoodWhereverOneIsAskedFor() throws IOException {
    String line = exec("goto 1ms; next kind=mapped").out().split("\n")[2];
    String shown = line.replaceFirst(".*  iova (0x[0-9a-f]+)  .*", "$1");
    String bare = shown.substring(2);
    String place = "goto 1ms; next kind=mapped; ";

    assertThat(shown).endsWith("000");
    assertThat(exec(place + "prev iova=" + shown).out()).contains("ptes-mapped", "iova " + shown);
    assertThat(exec(place + "watch " + bare).out()).contains("watching " + shown + "\n");
    List<JsonNode> lists = json("--exec", place + "list " + shown + "; list " + bare + "; list 3");
    assertThat(lists.get(3).get("result")).isEqualTo(lists.get(2).get("result"));
    assertThat(lists.get(2).at("/result/address").asText()).isEqualTo(shown);
    assertThat(lists.get(2).at("/result/domains/0/holds").asBoolean()).isTrue();
    assertThat(lists.get(4).at("/result/address").asText()).isEqualTo(shown);
    assertThat(lists.get(4).at("/result/domains/0/ranges")).hasSize(3);
    assertThat(exec("goto 1ms; list 100001").out()).contains("domain 0: 0x100000 is ");
  }

  @Test
  void whatIsNotThereIsSaidAndNothingMoves() {
    Ran ran = exec("goto event 500; next kind=flush-queued; where; goto end; next");

    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .contains("no event with kind=flush-queued up to the end of the journal; at event 500\n")
        .contains("event 500 of 0 to ")
        .contains("no event up to the end of the journal; at event ");
  }

  @Test
  void aScriptStartsWhereItIsTold() throws IOException {
    assertThat(json("--event", "1000", "--exec", "where").get(0).at("/result/at/event").asLong())
        .isEqualTo(999);
    assertThat(json("--exec", "where").get(0).at("/result/at").isNull()).isTrue();
  }

  @Test
  void aScriptComesFromAFile() throws IOException {
    Path script = folder.resolve("script");
    Files.writeString(script, "# to the first fault\nnext 5\n\nwhere; help next\n");

    Ran ran = exec("@" + script);

    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("event 4 of 0 to ", "next [N] [KEY=VALUE ...]");
    assertThat(exec("@" + folder.resolve("none")))
        .matches(
            none ->
                none.code() == 2
                    && none.err()
                        .equals(
                            "mapstorm: --exec @%s: does not exist\n"
                                .formatted(folder.resolve("none"))));
  }

  @Test
  void aMistakeStopsTheScriptWithOneLine() {
    Ran ran = exec("next; nxt; next");

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.out().split("\n")).hasSize(1);
    assertThat(ran.err())
        .isEqualTo(
            "mapstorm: --exec \"nxt\": nxt: there is no such command; did you mean next?; help"
                + " lists them\n");
    for (String wrong :
        List.of(
            "next kind=iova-fred",
            "next device=nvm",
            "next lock=L99",
            "next iova=xyz",
            "next color=red",
            "next client=-1",
            "next client=2147483648",
            "next 0",
            "info 0",
            "goto event 9223372036854775808",
            "next 5 6",
            "goto",
            "goto 12",
            "goto event 99999999",
            "info x",
            "list 0x1000 3 4",
            "list",
            "watch zz",
            "unwatch 0x1000",
            "where now",
            "quit now")) {
      Ran mistaken = exec(wrong);
      assertThat(mistaken.code()).as(wrong).isEqualTo(2);
      assertThat(mistaken.err().split("\n")).as(wrong).hasSize(1);
      assertThat(mistaken.err()).startsWith("mapstorm: --exec \"" + wrong + "\": ");
    }
  }

  @Test
  void theLimitThatIsNamedIsOne() {
    long most = Long.MAX_VALUE;

    assertThat(exec("goto end; next " + most).out()).contains("no event up to the end");
    assertThat(exec("next 9223372036854775808").err())
        .endsWith("9223372036854775808: must be a number from 1 to %d\n".formatted(most));
    assertThat(exec("goto event " + most).err()).contains(": the journal has the events 0 to ");
    assertThat(exec("next op=" + most).out()).contains("no event with op=" + most);
    assertThat(exec("next cpu=2147483648").err())
        .endsWith("cpu=2147483648: must be a number from 0 to 2147483647\n");
    assertThat(exec("next color=red").err())
        .contains("\": color=red: keys are kind, device, iova, ");
  }

  @Test
  void optionsThatDoNotFitAreRefused() {
    String path = run.toString();
    assertThat(mapstorm("replay", path, "--step").err()).contains("--step needs a terminal");
    assertThat(mapstorm("replay", path, "--step", "--json").code()).isEqualTo(2);
    assertThat(mapstorm("replay", path, "--exec", "next", "--iova", "0x1000").code()).isEqualTo(2);
  }

  @Test
  void rowsAndEventsOutOfRangeAreRefused() {
    String path = run.toString();
    for (String[] more :
        new String[][] {{}, {"--exec", "next"}, {"--follow", "--iova", "0xfffff000"}}) {
      for (String rows : List.of("0", "-1")) {
        List<String> line = new ArrayList<>(List.of("replay", path, "--rows", rows));
        line.addAll(Arrays.asList(more));
        Ran ran = mapstorm(line.toArray(String[]::new));
        assertThat(ran.code()).as(line.toString()).isEqualTo(2);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err())
            .isEqualTo("mapstorm: --rows %s: must be at least 1\n".formatted(rows));
      }
    }
    Ran event = mapstorm("replay", path, "--event", "-5");
    assertThat(event.code()).isEqualTo(2);
    assertThat(event.err()).isEqualTo("mapstorm: --event -5: must be at least 0\n");
  }

  @Test
  void aRunWithoutAnIndexShowsTheSame() throws IOException {
    Path bare = folder.resolve("bare");
    Ran ran =
        mapstorm("run", "nvme-4k", "--duration=2ms", "--set=journal.index=off", "--out=" + bare);
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(bare.resolve("index.db")).doesNotExist();

    assertThat(mapstorm("replay", bare.toString(), "--at=1ms", "--json").json())
        .isEqualTo(mapstorm("replay", run.toString(), "--at=1ms", "--json").json());
    assertThat(bare.resolve("index.db")).exists();
  }

  @Test
  void aResumedRunIsIndexedAsIfItHadNeverBeenInterrupted() throws Exception {
    Path part = folder.resolve("part");
    assertThat(mapstorm("run", "nvme-4k", "--duration=2ms", "--out=" + part).code()).isZero();
    try (Connection journal =
            DriverManager.getConnection("jdbc:sqlite:" + part.resolve("journal.db"));
        Statement statement = journal.createStatement()) {
      statement.execute("DELETE FROM event_journal WHERE sequence_number > 3");
    }

    Files.delete(part.resolve("report.json"));

    Ran resumed = mapstorm("resume", part.toString());

    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(batches(part)).isEqualTo(batches(run)).isGreaterThan(2);
    assertThat(mapstorm("replay", part.toString(), "--at=1.9ms", "--json").json())
        .isEqualTo(mapstorm("replay", run.toString(), "--at=1.9ms", "--json").json());
  }

  private static int batches(Path path) throws SQLException {
    try (Connection index = DriverManager.getConnection("jdbc:sqlite:" + path.resolve("index.db"));
        Statement statement = index.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM batch")) {
      return row.getInt(1);
    }
  }

  @Test
  void thePromptRepeatsTheLastCommandAndForgivesMistakes() throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Console console = new Console(new PrintWriter(out), new PrintWriter(err), false);
    String typed = "next 2\n\nnxt\nwhere\n";
    RecordedRun recorded = RecordedRun.open(run);
    Stepping stepping = new Stepping(console, false);
    ByteArrayInputStream keys = new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8));
    try (RunIndex index = recorded.index(note -> {});
        StepSession session = stepping.begin(index.host(0), recorded.outline(0), 20, Moment.END);
        Terminal terminal = new DumbTerminal(keys, new ByteArrayOutputStream())) {
      stepping.prompt(session, terminal);

      assertThat(session.candidates(List.of())).contains("next", "goto", "watch");
      assertThat(session.candidates(List.of("next")))
          .contains("kind=iova-freed", "lock=L5", "iova=", "device=" + deviceOf(recorded));
    }
    assertThat(out.toString()).contains("event 3 of 0 to ");
    assertThat(err.toString()).contains("there is no such command; did you mean next?");
  }

  private static String deviceOf(RecordedRun recorded) {
    return recorded.scenario().machine(0).devices().get(0);
  }
}
