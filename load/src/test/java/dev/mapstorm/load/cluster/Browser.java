package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A chromium without a window, and one page of it. Waits are bounded, so that a page on which
 * something never appears fails the test. One thread.
 */
final class Browser implements AutoCloseable {
  /** Names the program; tests that need it fail then, instead of being skipped, if it is not. */
  static final String VARIABLE = "MAPSTORM_TEST_BROWSER";

  private static final long LIMIT_NS = TimeUnit.MINUTES.toNanos(2);
  private static final long LOOK_EVERY_MS = 50;
  private static final long END_SECONDS = 20;

  private final Process process;
  private final Path profile;
  private final DevTools tools;

  private Browser(Path program, Path profile) throws IOException, InterruptedException {
    this.profile = profile;
    process =
        new ProcessBuilder(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--disable-breakpad",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--no-proxy-server",
                "--host-resolver-rules=MAP rebound.example 127.0.0.1",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(profile.resolve("output").toFile()))
            .start();
    try {
      tools = DevTools.of(page(port()));
      for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
        tools.call(domain + ".enable", Map.of());
      }
      tools.call("Page.setLifecycleEventsEnabled", Map.of("enabled", true));
    } catch (IOException | RuntimeException | InterruptedException e) {
      close();
      throw e;
    }
  }

  /** Starts it; skips the test where there is none, unless there has to be one. */
  static Browser start() throws InterruptedException {
    String named = System.getenv(VARIABLE);
    if (named != null) {
      assertThat(Path.of(named)).as(VARIABLE).isExecutable();
    }
    Optional<Path> program = named != null ? Optional.of(Path.of(named)) : onPath();
    Assumptions.assumeTrue(
        program.isPresent(),
        "no chromium on the PATH, so no page is tried in a browser: install the package chromium");
    try {
      return new Browser(program.get(), Files.createTempDirectory("mapstorm-browser-"));
    } catch (IOException | IllegalStateException e) {
      if (named != null) {
        throw new AssertionError("%s=%s does not start".formatted(VARIABLE, named), e);
      }
      return Assumptions.abort("%s does not start: %s".formatted(program.get(), e.getMessage()));
    }
  }

  private static Optional<Path> onPath() {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, "chromium"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** The port that it has chosen, which it writes down when it listens. */
  private int port() throws IOException, InterruptedException {
    Path file = profile.resolve("DevToolsActivePort");
    long until = System.nanoTime() + LIMIT_NS;
    while (!Files.exists(file) || Files.readAllLines(file).size() < 2) {
      if (!process.isAlive() || System.nanoTime() > until) {
        throw new IllegalStateException(
            "it %s: %s"
                .formatted(
                    process.isAlive() ? "does not listen" : "has ended",
                    Files.readString(profile.resolve("output")).strip()));
      }
      Thread.sleep(LOOK_EVERY_MS);
    }
    return Integer.parseInt(Files.readAllLines(file).get(0));
  }

  private static URI page(int port) throws IOException, InterruptedException {
    HttpRequest list =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/json/list".formatted(port))).build();
    long until = System.nanoTime() + LIMIT_NS;
    while (System.nanoTime() < until) {
      String targets = HttpClient.newHttpClient().send(list, BodyHandlers.ofString()).body();
      for (JsonNode target : new ObjectMapper().readTree(targets)) {
        if (target.path("type").asText().equals("page")) {
          return URI.create(target.path("webSocketDebuggerUrl").asText());
        }
      }
      Thread.sleep(LOOK_EVERY_MS);
    }
    throw new IllegalStateException("it has no page");
  }

  /** Goes to a page and waits until it is loaded. What was heard of the one before is forgotten. */
  void open(String url) throws InterruptedException {
    tools.forget();
    JsonNode gone = tools.call("Page.navigate", Map.of("url", url));
    assertThat(gone.path("errorText").asText()).as(url).isEmpty();
    long until = System.nanoTime() + LIMIT_NS;
    while (!isLoaded(gone.path("loaderId"))) {
      assertThat(System.nanoTime()).as("%s is loaded", url).isLessThan(until);
      Thread.sleep(LOOK_EVERY_MS);
    }
  }

  private boolean isLoaded(JsonNode loader) {
    return tools
        .heard("Page.lifecycleEvent")
        .anyMatch(
            each ->
                each.path("loaderId").equals(loader) && each.path("name").asText().equals("load"));
  }

  /**
   * What an expression of JavaScript has as its value in the page; that of a promise, if it is one.
   */
  JsonNode evaluate(String expression) {
    JsonNode result =
        tools.call(
            "Runtime.evaluate",
            Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
    assertThat(result.has("exceptionDetails")).as("%s: %s", expression, result).isFalse();
    return result.at("/result/value");
  }

  /** The text of an element as a person sees it. */
  String text(String selector) {
    return evaluate("document.querySelector('%s').innerText".formatted(selector)).asText();
  }

  /** Waits until an expression is true; what it asks for need not be there yet. */
  void await(String expression) throws InterruptedException {
    String guarded =
        "(() => { try { return %s } catch (missing) { return false } })()".formatted(expression);
    long until = System.nanoTime() + LIMIT_NS;
    while (!evaluate(guarded).asBoolean()) {
      assertThat(System.nanoTime())
          .as(
              "%s; the page is:%n%s",
              expression, evaluate("document.body ? document.body.innerText : ''").asText())
          .isLessThan(until);
      Thread.sleep(LOOK_EVERY_MS);
    }
  }

  /** Gives the page a window of this width, in CSS pixels. */
  void width(int pixels) {
    tools.call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", pixels, "height", 900, "deviceScaleFactor", 1, "mobile", false));
  }

  /** Prefers {@code light} or {@code dark}. */
  void prefer(String scheme) {
    tools.call(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  /** Writes the whole page down as a picture. */
  void picture(Path file) throws IOException {
    JsonNode shot =
        tools.call(
            "Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
    Files.write(file, Base64.getDecoder().decode(shot.path("data").asText()));
  }

  /** All addresses that the page asked for since it was opened. */
  List<String> requests() {
    return tools
        .heard("Network.requestWillBeSent")
        .map(each -> each.at("/request/url").asText())
        .toList();
  }

  /** What a person would find in the console in red or yellow. */
  List<String> complaints() {
    List<String> complaints = new ArrayList<>();
    tools
        .heard("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        .map(JsonNode::toString)
        .forEach(complaints::add);
    return complaints;
  }

  /** Ends it and all that it started, and removes what it wrote. */
  @Override
  public void close() {
    List<ProcessHandle> started = process.descendants().toList();
    process.destroy();
    process.onExit().completeOnTimeout(process, END_SECONDS, TimeUnit.SECONDS).join();
    process.destroyForcibly();
    started.forEach(ProcessHandle::destroyForcibly);
    remove(profile);
  }

  /** As far as it can be removed: a process that has just been killed may still write. */
  private static void remove(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted((a, b) -> b.compareTo(a)).map(Path::toFile).forEach(File::delete);
    } catch (IOException | UncheckedIOException e) {
      folder.toFile().deleteOnExit();
    }
  }
}
