package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.mapstorm.actors.cluster.ClusterNode;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Moves;
import dev.mapstorm.protocol.cluster.CoordinatorReply.NodeSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Overview;
import dev.mapstorm.protocol.cluster.HostMove;
import dev.mapstorm.protocol.cluster.HostReport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/**
 * What a person sees in a browser. Skipped where there is no chromium, unless the environment
 * variable {@value Browser#VARIABLE} names one. Pictures are in {@code target/status-page}.
 */
class StatusPageTest {
  private static final int HOSTS = 100;
  private static final int WIDE = 1280;
  private static final int NARROW = 360;

  /** A cell of the newest fleet, counted from 1. */
  private static final String FLEET = "#fleets tr:nth-child(2) td:nth-child(%d)";

  @TempDir static Path folder;

  private static Optional<TestAbortedException> noBrowser = Optional.empty();
  private static Browser browser;
  private static ClusterNode node;
  private static Probe journal;
  private static ManagementServer server;
  private static String address;

  @BeforeAll
  static void start() throws Exception {
    try {
      browser = Browser.start();
    } catch (TestAbortedException e) {
      noBrowser = Optional.of(e);
      return;
    }
    node = SqliteNode.start(folder.resolve("journal.db"), HOSTS);
    journal = new Probe("journal", () -> {});
    server =
        new ManagementServer(
            node, journal, SqliteNode.SPECS, ManagementAccess.of("127.0.0.1", null), () -> {});
    address = "127.0.0.1:" + server.listen("127.0.0.1", 0);
  }

  /** Each test says why it is skipped: of a class that is, reports say nothing. */
  @BeforeEach
  void needBrowser() {
    noBrowser.ifPresent(
        reason -> {
          throw reason;
        });
  }

  @AfterAll
  static void end() throws Exception {
    if (browser != null) {
      browser.close();
    }
    if (node != null) {
      server.close();
      journal.close();
      node.close();
    }
  }

  private static void picture(String name) throws IOException {
    Path pictures = Files.createDirectories(Path.of("target", "status-page"));
    browser.picture(pictures.resolve(name + ".png"));
  }

  private static void submit(String run, int hosts, String duration) throws Exception {
    Scenario scenario =
        new ScenarioLoader(Version.current())
            .set("hosts=" + hosts)
            .set("duration=" + duration)
            .load("nvme-4k");
    SubmittedFleet.submit(
        List.of(new ClusterClient(address, null)), scenario, run, System::nanoTime);
  }

  private static String fleet(int column) {
    return browser.text(FLEET.formatted(column));
  }

  private static void awaitFleet(int column, String text) throws InterruptedException {
    browser.await(
        "document.querySelector('%s').innerText === '%s'".formatted(FLEET.formatted(column), text));
  }

  private static void assertFits(int width) {
    browser.width(width);
    assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
        .as("width of the page in a window of %d pixels", width)
        .isLessThanOrEqualTo(width);
  }

  /** The page is loaded once, and shows all of it from there on. */
  @Test
  void aPersonSeesAFleetAtWorkAndHowItEnds() throws Exception {
    browser.width(WIDE);
    browser.prefer("light");
    browser.open("http://" + address + "/");
    browser.evaluate("window.loadedOnce = true");
    browser.await("document.querySelector('#state').innerText.includes(', ready;')");
    assertThat(browser.text("h1")).isEqualTo(node.address());
    assertThat(browser.text("#age")).matches("as of \\d\\d:\\d\\d:\\d\\d");

    submit("endless", HOSTS, "1000s");
    browser.await("document.querySelectorAll('#hosts tr').length === %d + 1".formatted(HOSTS));
    browser.await("%s > 0".formatted(number(FLEET.formatted(7))));
    awaitFleet(1, "endless");
    awaitFleet(2, "running");
    awaitFleet(3, "100");
    assertThat(browser.text("#hosts h2")).isEqualTo("Hosts on this node: 100");
    assertThat(browser.evaluate(column("#hosts", 2)).toString()).isEqualTo(numbers(HOSTS));
    assertThat(browser.text("#nodes"))
        .contains(node.address().replaceAll(".*@", ""), "Up", "coordinator");
    long events = browser.evaluate(number(FLEET.formatted(7))).asLong();
    browser.await("%s > %d".formatted(number(FLEET.formatted(7)), events));
    browser.await("%s > 0".formatted(number("#hosts tr:last-child td:nth-child(3)")));
    assertFits(WIDE);
    picture("running");
    assertFits(NARROW);
    browser.prefer("dark");
    picture("running-narrow-dark");
    browser.evaluate("document.querySelector('#fleets div').scrollLeft = 50");
    events = browser.evaluate(number(FLEET.formatted(7))).asLong();
    browser.await("%s > %d".formatted(number(FLEET.formatted(7)), events));
    assertThat(browser.evaluate("document.querySelector('#fleets div').scrollLeft").asInt())
        .as("where a person has scrolled a table to")
        .isEqualTo(50);
    browser.prefer("light");
    browser.width(WIDE);

    new ClusterClient(address, null).stop("endless");
    awaitFleet(2, "stopped");
    browser.await("document.querySelector('#hosts p')?.innerText === 'none'");
    submit("short", 2, "300us");
    awaitFleet(1, "short");
    awaitFleet(2, "complete");
    String hash = new ClusterClient(address, null).fleet("short", 0, 1).fleet().hash();
    assertThat(hash).hasSize(64);
    awaitFleet(9, hash);
    picture("ended");

    assertThat(browser.evaluate("window.loadedOnce").asBoolean()).isTrue();
    assertThat(browser.complaints()).isEmpty();
    assertThat(browser.requests())
        .hasSizeGreaterThan(2)
        .allMatch(url -> url.equals("http://" + address + "/") || url.equals("data:,"));
  }

  /** The number in a cell, written with commas. */
  private static String number(String selector) {
    return "Number(document.querySelector('%s').innerText.replaceAll(',', ''))".formatted(selector);
  }

  private static String column(String table, int column) {
    return "Array.from(document.querySelectorAll('%s td:nth-child(%d)'), cell => cell.innerText).join()"
        .formatted(table, column);
  }

  private static String numbers(int count) {
    StringBuilder all = new StringBuilder("\"0");
    for (int i = 1; i < count; i++) {
      all.append(',').append(i);
    }
    return all.append('"').toString();
  }

  /** A page of elsewhere whose name leads to this machine (DNS rebinding). */
  @Test
  void aPageOfAnotherNameIsNotToldAnything() throws Exception {
    browser.open("http://" + address.replace("127.0.0.1", "rebound.example") + "/");
    assertThat(browser.text("body")).contains("rebound.example is none").doesNotContain("pekko:");
    String status = "fetch('/status').then(answer => answer.status)";
    assertThat(browser.evaluate(status).asInt()).isEqualTo(421);
  }

  /** Serves the page of a status of one's own. */
  private static HttpServer serve(NodeStatus status, AtomicInteger code) throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    byte[] page = StatusPage.of(status).getBytes(StandardCharsets.UTF_8);
    http.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "text/html; charset=UTF-8");
          exchange.getResponseHeaders().set("Content-Security-Policy", StatusPage.POLICY);
          exchange.sendResponseHeaders(code.get(), page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    http.start();
    return http;
  }

  private static String url(HttpServer http) {
    return "http://127.0.0.1:%d/".formatted(http.getAddress().getPort());
  }

  /** What has failed, with names and messages as long and as strange as can be. */
  private static NodeStatus trouble() {
    String one = "pekko://mapstorm@node-1.rack-17.storage.datacentre.example:25520";
    String two = "pekko://mapstorm@node-2.rack-17.storage.datacentre.example:25520";
    String lost = "pekko://mapstorm@node-3.rack-18.storage.datacentre.example:25520";
    String markup = "<img src=x onerror=alert(1)> & <script>alert(2)</script> \"'".repeat(6);
    Moves moves =
        new Moves(
            1, 9200, 9200, 24_000, new HostMove[] {new HostMove(7, 2, lost, two, 9200, 24_000)});
    Moves none = new Moves(0, 0, 0, 0, new HostMove[0]);
    FleetSummary[] fleets = {
      new FleetSummary(
          "nightly-with-a-very-long-name-2026-11-25",
          "fleet",
          "failed",
          100,
          100,
          0,
          123_456,
          1_234_567_890L,
          8_000_000_000L,
          "",
          "host 17: " + markup,
          "",
          none),
      new FleetSummary(
          "fleet-1",
          "fleet",
          "running",
          100,
          12,
          88,
          31_000_000,
          40_000,
          300_000,
          "",
          "",
          "FATAL: the database system is shutting down",
          moves)
    };
    NodeSummary[] nodes = {
      new NodeSummary(one, 1, 1, 1_234_567_890L, 1_960_000, 120),
      new NodeSummary(lost, 1, 32, 5_000, 0, 9_500)
    };
    return new NodeStatus(
        one,
        Version.current(),
        "Up",
        false,
        markup,
        "",
        List.of(new NodeStatus.Member(one, "Up", true), new NodeStatus.Member(two, "Up", false)),
        Map.of(one, 34, two, 33),
        List.of(
            new HostReport("fleet-1", 3, 31_000_000, 400, 3_000, 1, "", -1, 0, "FATAL: no more"),
            new HostReport("fleet-1", 10, 32_000_000, 400, 3_000, 1, "", -1, 0, "")),
        new Overview(one, fleets, nodes));
  }

  @Test
  void whatHasFailedIsSaidAndFitsAndIsTakenForText() throws Exception {
    HttpServer http = serve(trouble(), new AtomicInteger(200));
    try {
      browser.width(WIDE);
      browser.prefer("light");
      browser.open(url(http));
      assertThat(browser.text("#state")).contains("not ready; the journal: <img src=x onerror=");
      assertThat(fleet(1)).isEqualTo("fleet-1");
      assertThat(fleet(9)).isEqualTo("FATAL: the database system is shutting down");
      assertThat(browser.text("#fleets tr:nth-child(3)"))
          .contains("failed", "1,234,567,890", "7.45 GiB", "host 17: <img src=x onerror=");
      assertThat(browser.text("#nodes")).contains("Up, cannot be reached", "9.50 s ago");
      assertThat(browser.text("#moves")).contains("9.20 s", "24,000");
      assertThat(browser.evaluate(column("#hosts", 2)).asText()).isEqualTo("3,10");
      assertThat(browser.evaluate("document.images.length").asInt()).isZero();
      assertThat(browser.evaluate("document.scripts.length").asInt()).isEqualTo(1);
      assertFits(WIDE);
      picture("trouble");
      browser.prefer("dark");
      assertFits(NARROW);
      picture("trouble-narrow-dark");
      assertThat(browser.complaints()).isEmpty();
    } finally {
      http.stop(0);
    }
  }

  @Test
  void aNodeThatDoesNotAnswerAnyMoreIsSaidToBeSilentUntilItDoes() throws Exception {
    AtomicInteger code = new AtomicInteger(200);
    HttpServer http = serve(trouble(), code);
    try {
      browser.width(WIDE);
      browser.prefer("light");
      browser.open(url(http));
      code.set(500);
      browser.await("document.querySelector('#age').innerText.startsWith('no answer since ')");
      assertThat(fleet(1)).isEqualTo("fleet-1");
      picture("silent");
      code.set(200);
      browser.await("document.querySelector('#age').innerText.startsWith('as of ')");
    } finally {
      http.stop(0);
    }
  }
}
