package dev.mapstorm.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log of the program, in processes of its own: Logback reads its configuration once. */
class LogTest {
  private static final long PATIENCE_SECONDS = 120;

  @TempDir Path folder;

  /** What two hosts of a run log to standard error. */
  private List<String> log(List<String> jvm, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(jvm);
    command.addAll(List.of(Mapstorm.class.getName(), "run", "nvme-4k", "--duration", "300us"));
    command.addAll(List.of("--set", "hosts=2", "--out", folder.resolve("run").toString()));
    command.addAll(List.of(options));
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(err.toFile())
            .start();
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(err)).isZero();
    return Files.readAllLines(err);
  }

  @Test
  void jsonLinesOfAHostNameItsRunItsNumberAndItsVirtualTime() throws Exception {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : log(List.of(), "--log", "info", "--log-format", "json")) {
      if (line.startsWith("{")) {
        lines.add(new ObjectMapper().readTree(line));
      }
    }

    for (String host : List.of("0", "1")) {
      List<JsonNode> ofHost =
          lines.stream()
              .filter(line -> line.at("/mdc/mapstorm.host").asText().equals(host))
              .toList();
      assertThat(ofHost)
          .hasSize(2)
          .allMatch(line -> line.at("/mdc/mapstorm.run").asText().equals("nvme-4k"))
          .allMatch(line -> line.get("level").asText().equals("INFO"));
      assertThat(ofHost.get(0).get("formattedMessage").asText()).startsWith("begins: 4 CPUs");
      assertThat(ofHost.get(0).at("/mdc/mapstorm.virtualNs").asLong()).isZero();
      assertThat(ofHost.get(1).get("formattedMessage").asText()).startsWith("ended at ");
      assertThat(ofHost.get(1).at("/mdc/mapstorm.virtualNs").asLong()).isBetween(1L, 300_000L);
    }
    assertThat(lines).anyMatch(line -> line.at("/mdc/mapstorm.host").isMissingNode());
  }

  @Test
  void aLogbackFileOfTheUsersOwnHasTheSameKeysAndAppenders() throws Exception {
    Path own = folder.resolve("own.log");
    Path file =
        Files.writeString(
            folder.resolve("logback.xml"),
            """
            <configuration>
              <include resource="dev/mapstorm/load/log-appenders.xml"/>
              <appender name="own" class="ch.qos.logback.core.FileAppender">
                <file>%s</file>
                <encoder><pattern>%%X{mapstorm.run}/%%X{mapstorm.host}@%%X{mapstorm.virtualNs} %%msg%%n</pattern></encoder>
              </appender>
              <root level="INFO"><appender-ref ref="own"/><appender-ref ref="text"/></root>
            </configuration>
            """
                .formatted(own));

    List<String> text = log(List.of("-Dlogback.configurationFile=" + file));

    assertThat(Files.readAllLines(own)).anyMatch(line -> line.startsWith("nvme-4k/1@0 begins:"));
    assertThat(text)
        .anyMatch(line -> line.contains("[nvme-4k host 1 at 0 ns] begins: 4 CPUs"))
        .noneMatch(line -> line.contains("host  at"));
  }
}
