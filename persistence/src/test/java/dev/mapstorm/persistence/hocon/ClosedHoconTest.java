package dev.mapstorm.persistence.hocon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClosedHoconTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "seed = ${PATH}|fleet: seed: has a substitution, ${…}; ",
        "seed = ${?PATH}|fleet: seed: has a substitution",
        "seed = x${java.home}y|fleet: seed: has a substitution",
        "seed = ${ # }\\n PATH }|fleet:1: seed: has a substitution",
        "a { b = [1, ${\"PATH\"}] }|fleet: a.b[1]: has a substitution",
        "a = 1\\n\\nb = ${a}|fleet:3: b: has a substitution",
        "a += 1|fleet: a: is added to by +=; ",
        "include \"other\"|fleet: has an include; ",
        "include\"other\"|fleet: has an include",
        "include\\n\"other\"|fleet:2: has an include",
        "include required(\"other\")|fleet: has an include",
        "include file(\"/dev/zero\")|fleet: has an include",
        "include url(\"http://127.0.0.1:9/\")|fleet: has an include",
        "include classpath(\"application\")|fleet: has an include",
        "include required(file(\"/etc/passwd\"))|fleet: has an include",
        "include package(\"a\", \"b\")|fleet: has an include",
        "a = 1\\nb { include \"x\" }|fleet:2: b: has an include",
        "{ a = [{ include \"x\" }] }|fleet: a[0]: has an include",
        "a=1,include \"x\"|fleet: has an include",
      })
  void whatIsOpenIsRefusedByLineAndKey(String text, String said) {
    assertThatThrownBy(() -> ClosedHocon.parse(text.replace("\\n", "\n"), "fleet"))
        .isInstanceOf(HoconException.class)
        .hasMessageStartingWith(said)
        .message()
        .doesNotContain(System.getenv("PATH"));
  }

  @Test
  void includesInTextAreNone() {
    String text = "a = \"include \\\"x\\\" ${b}\"\nb = include\n# include \"x\" ${c}\n";

    assertThat(ClosedHocon.parse(text, "fleet").getString("a")).isEqualTo("include \"x\" ${b}");
  }

  @Test
  void nothingIsFetched() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    try {
      String url = "http://127.0.0.1:%d/x.conf".formatted(server.getAddress().getPort());
      for (String include : new String[] {"url(\"%s\")", "required(url(\"%s\"))", "\"%s\""}) {
        assertThatThrownBy(() -> ClosedHocon.parse("include " + include.formatted(url), "fleet"))
            .isInstanceOf(HoconException.class);
      }
    } finally {
      server.stop(0);
    }
    assertThat(asked).hasValue(0);
  }

  @Test
  void whatTheParserTripsOverIsCut() {
    assertThatThrownBy(() -> ClosedHocon.parse("a = 1 b = \"" + "x".repeat(100_000), "fleet"))
        .message()
        .hasSizeLessThan(600);
    assertThatThrownBy(() -> ClosedHocon.parse("a = \"\\u001b[2J\" = \"\\u001b\"", "fleet"))
        .message()
        .matches("\\P{Cntrl}*");
  }

  @Test
  void aFileIsUtf8() throws IOException {
    Path file = folder.resolve("scenario.conf");
    Files.write(file, "seed = 1".getBytes(StandardCharsets.UTF_16));
    assertThatThrownBy(() -> ClosedHocon.read(file)).hasMessage(file + ": is not UTF-8 text");

    Files.writeString(file, "\uFEFFseed = 1\r\n");
    assertThat(ClosedHocon.read(file).getInt("seed")).isEqualTo(1);
  }

  @Test
  void aFileHasALimit() throws IOException {
    Path file = folder.resolve("scenario.conf");
    Files.write(file, new byte[13 << 20]);

    assertThatThrownBy(() -> ClosedHocon.read(file))
        .hasMessage(file + ": must have up to 12582912 bytes, has 13631488");
  }

  /** The line of a file that a link leads to would come back in the parser's message. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aLinkIsNotFollowedAndADeviceNotRead() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "root:x:0:0");
    Path link = Files.createSymbolicLink(folder.resolve("scenario.conf"), secret);
    assertThatThrownBy(() -> ClosedHocon.read(link)).hasMessage(link + ": is no regular file");
    assertThatThrownBy(() -> ClosedHocon.read(Path.of("/dev/zero")))
        .hasMessage("/dev/zero: is no regular file");
    assertThatThrownBy(() -> ClosedHocon.read(folder)).hasMessage(folder + ": is no regular file");
    assertThat(HoconFile.read(Path.of("/proc/self/environ"))).isEmpty();
  }
}
