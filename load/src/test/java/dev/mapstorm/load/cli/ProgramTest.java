package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.load.scenario.ScenarioLoader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class ProgramTest {

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandExplainsItselfWithExamples(String command) {
    List<String> args = new ArrayList<>(List.of(command.split(" ")));
    args.add("--help");

    Ran ran = mapstorm(args.toArray(String[]::new));

    assertThat(ran.code()).isZero();
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out()).contains("Usage: mapstorm " + command, "Examples:", "--debug", "--log");
  }

  @Test
  void withoutArgumentsTheProgramExplainsItself() {
    Ran ran = mapstorm();

    assertThat(ran.code()).isZero();
    assertThat(ran.out()).startsWith("Usage: mapstorm").contains("Exit codes:", "99");
  }

  @Test
  void versionNamesProgramAndJava() {
    assertThat(mapstorm("--version").out()).matches("mapstorm \\d.*\nJava 1?\\d.*\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "conform iova|missing required parameter: 'FILE'",
        "scenarios --jason|unknown option: '--jason'; did you mean --json?",
        "confrom|unmatched argument at index 0: 'confrom'; did you mean conform?",
        "scenarios --log-format jsn|invalid value for option '--log-format': expected one of [TEXT, JSON]",
        "scenarios --log LOUD|invalid value for option '--log'",
      })
  void wrongCommandLinesGetOneLineAndCodeTwo(String args, String message) {
    Ran ran = mapstorm(args.split(" "));

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).startsWith("mapstorm: " + message).endsWith("tells more)\n");
    assertThat(ran.err().lines()).hasSize(1);
  }

  @Test
  void resultsThatCannotBeWrittenAreAnError() {
    StringWriter err = new StringWriter();
    Writer full =
        new OutputStreamWriter(
            new ResultStream(new FailingStream("No space left on device")), StandardCharsets.UTF_8);

    int code = run(full, err);

    assertThat(code).isOne();
    assertThat(err)
        .hasToString(
            "mapstorm: standard output cannot be written: the end of the results is lost\n");
  }

  @Test
  void aReaderThatHasSeenEnoughIsNoError() {
    StringWriter err = new StringWriter();
    Writer left =
        new OutputStreamWriter(
            new ResultStream(new FailingStream("Broken pipe")), StandardCharsets.UTF_8);

    assertThat(run(left, err)).isZero();
    assertThat(err).hasToString("");
  }

  private static int run(Writer out, Writer err) {
    return new Program(new Console(new PrintWriter(out), new PrintWriter(err), false))
        .run("scenarios");
  }

  /** A file or pipe that takes nothing. */
  private static final class FailingStream extends OutputStream {
    private final String why;

    FailingStream(String why) {
      this.why = why;
    }

    @Override
    public void write(int b) throws IOException {
      throw new IOException(why);
    }
  }

  @Test
  void debugAddsTheStackTraceBelowTheMessage() {
    Ran ran = mapstorm("conform", "iova", "--debug", "nowhere.csv");

    assertThat(ran.err()).startsWith("mapstorm: nowhere.csv: no such file\n").contains("\tat dev.");
    assertThat(ran.code()).isEqualTo(1);
  }

  @Test
  void scenariosAreListedWithOneLineEach() {
    Ran ran = mapstorm("scenarios");

    assertThat(ran.out().lines()).hasSameSizeAs(ScenarioLoader.builtIn().keySet());
    assertThat(mapstorm("scenarios", "--json").json().get("nvme-batch").asText())
        .contains("dma_batch");
  }

  @Test
  void keysOfAScenarioAreExplained() {
    assertThat(mapstorm("scenarios", "--keys").out())
        .contains("# What unmapping does", "mode = strict");
  }

  static List<String> commands() {
    List<String> names = new ArrayList<>();
    collect("", new Program(Console.ofProcess()).commandLine(), names);
    return names;
  }

  private static void collect(String prefix, CommandLine command, List<String> names) {
    command
        .getSubcommands()
        .forEach(
            (name, sub) -> {
              if (!name.equals("help")) {
                names.add(prefix + name);
                collect(prefix + name + " ", sub, names);
              }
            });
  }
}
