package dev.mapstorm.load.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.mapstorm.load.cluster.ManagementAccess;
import dev.mapstorm.persistence.store.DatabaseAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The files of {@code deploy/} against the program and against each other. */
class DeploymentTest {
  private static final Path DEPLOY = Path.of("../deploy");
  private static final Path DOCUMENT = Path.of("../docs/DEPLOYMENT.md");
  private static final String OPTIONS = "MAPSTORM_NODE_OPTIONS";

  /** What the program, the launcher and the unit read. */
  private static final Set<String> VARIABLES =
      Set.of(
          DatabaseAddress.URL_VARIABLE,
          DatabaseAddress.USER_VARIABLE,
          DatabaseAddress.PASSWORD_VARIABLE,
          ManagementAccess.VARIABLE,
          "MAPSTORM_JAVA_OPTS",
          OPTIONS);

  private static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(DEPLOY)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static List<JsonNode> documents(Path file) throws IOException {
    YAMLMapper yaml = new YAMLMapper();
    try (var parser = yaml.createParser(file.toFile())) {
      return yaml.readValues(parser, JsonNode.class).readAll();
    }
  }

  /** The objects of Kubernetes by kind and name. */
  private static Map<String, JsonNode> objects() throws IOException {
    Map<String, JsonNode> objects = new HashMap<>();
    for (Path file : files()) {
      if (file.startsWith(DEPLOY.resolve("kubernetes"))) {
        for (JsonNode object : documents(file)) {
          String name = object.get("kind").asText() + " " + object.at("/metadata/name").asText();
          assertThat(objects.put(name, object)).as(name).isNull();
        }
      }
    }
    return objects;
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.asText()));
    return texts;
  }

  private static JsonNode compose() throws IOException {
    return documents(DEPLOY.resolve("compose.yaml")).get(0);
  }

  private static JsonNode container() throws IOException {
    return objects().get("StatefulSet mapstorm").at("/spec/template/spec/containers/0");
  }

  private static String unit(String key) throws IOException {
    return Files.readAllLines(DEPLOY.resolve("systemd/mapstorm-node.service")).stream()
        .filter(line -> line.startsWith(key + "="))
        .map(line -> line.substring(key.length() + 1))
        .collect(Collectors.joining("\n"));
  }

  private static Map<String, String> environmentOfUnit() throws IOException {
    Map<String, String> environment = new HashMap<>();
    for (String line : Files.readAllLines(DEPLOY.resolve("systemd/node.env.example"))) {
      Matcher matcher = Pattern.compile("([A-Z_]+)=\"?(.*?)\"?").matcher(line);
      if (matcher.matches()) {
        environment.put(matcher.group(1), matcher.group(2));
      }
    }
    return environment;
  }

  /** The command lines of all manifests, by where they stand. */
  private static Map<String, List<String>> commandLines() throws IOException {
    Map<String, List<String>> lines = new HashMap<>();
    compose()
        .get("services")
        .properties()
        .forEach(
            service -> {
              if (service.getValue().path("image").asText().equals("mapstorm")
                  || service.getKey().startsWith("node")) {
                lines.put("compose " + service.getKey(), texts(service.getValue().get("command")));
              }
            });
    objects()
        .forEach(
            (name, object) -> {
              for (JsonNode each : object.at("/spec/template/spec/containers")) {
                lines.put(name, texts(each.get("args")));
              }
            });
    String start = unit("ExecStart").replace("$" + OPTIONS, environmentOfUnit().get(OPTIONS));
    List<String> words = List.of(start.split(" "));
    assertThat(words.get(0)).isEqualTo("/opt/mapstorm/bin/mapstorm");
    lines.put("systemd", words.subList(1, words.size()));
    return lines;
  }

  private static CommandLine.ParseResult parsed(List<String> command) {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    CommandLine program = new Program(new Console(nowhere, nowhere, false)).commandLine();
    CommandLine.ParseResult result = program.parseArgs(command.toArray(String[]::new));
    while (result.hasSubcommand()) {
      result = result.subcommand();
    }
    return result;
  }

  private static int port(List<String> command, String option) {
    return parsed(command).matchedOptionValue(option, 0);
  }

  @Test
  void everyYamlFileIsYaml() throws IOException {
    int found = 0;
    for (Path file : files()) {
      if (file.toString().endsWith(".yaml")) {
        found++;
        assertThat(documents(file)).as(file.toString()).isNotEmpty().allMatch(JsonNode::isObject);
      }
    }
    assertThat(found).isGreaterThan(5);
  }

  @Test
  void everyCommandLineIsOneThatTheProgramTakes() throws IOException {
    Map<String, List<String>> lines = commandLines();

    assertThat(lines.keySet())
        .containsExactlyInAnyOrder(
            "compose init",
            "compose node-1",
            "compose node-2",
            "compose node-3",
            "Job mapstorm-db-init",
            "StatefulSet mapstorm",
            "systemd");
    lines.forEach(
        (where, command) -> {
          String name = parsed(command).commandSpec().qualifiedName();
          assertThat(name).as(where).isIn("mapstorm cluster node", "mapstorm db init");
        });
    assertThatThrownBy(() -> parsed(List.of("cluster", "node", "--manage-port=1")))
        .isInstanceOf(ParameterException.class);
  }

  @Test
  void everyVariableIsOneThatIsRead() throws IOException {
    Set<String> used = new TreeSet<>();
    for (Path file : files()) {
      Matcher matcher = Pattern.compile("MAPSTORM_[A-Z_]+").matcher(Files.readString(file));
      while (matcher.find()) {
        used.add(matcher.group());
      }
    }

    assertThat(VARIABLES).containsAll(used);
    assertThat(used)
        .contains(
            DatabaseAddress.URL_VARIABLE,
            DatabaseAddress.USER_VARIABLE,
            DatabaseAddress.PASSWORD_VARIABLE);
    assertThat(Files.readString(DOCUMENT)).contains(used);
  }

  @Test
  void everyPortOfANodeIsOneThatTheDocumentLists() throws IOException {
    String document = Files.readString(DOCUMENT);
    for (Map.Entry<String, List<String>> line : commandLines().entrySet()) {
      if (parsed(line.getValue()).commandSpec().name().equals("node")) {
        for (String option : List.of("--port", "--management-port", "--metrics-port")) {
          int port = port(line.getValue(), option);
          if (port != 0) {
            assertThat(document)
                .as(line.getKey() + " " + option)
                .contains("| %d |".formatted(port));
          }
        }
      }
    }
    String image = Files.readString(DEPLOY.resolve("Containerfile"));
    List<String> command = texts(container().get("args"));
    assertThat(image)
        .contains(
            "EXPOSE %d %d\n".formatted(port(command, "--port"), port(command, "--metrics-port")));
  }

  @Test
  void portsOfTheStatefulSetItsServiceAndItsPolicyAgree() throws IOException {
    List<String> command = texts(container().get("args"));
    int artery = port(command, "--port");
    int metrics = port(command, "--metrics-port");
    Map<String, JsonNode> objects = objects();
    JsonNode service = objects.get("Service mapstorm");

    assertThat(container().get("ports").findValues("containerPort"))
        .extracting(JsonNode::asInt)
        .containsExactly(artery, metrics);
    assertThat(service.at("/spec/ports").findValues("port"))
        .extracting(JsonNode::asInt)
        .containsExactly(artery, metrics);
    assertThat(objects.get("NetworkPolicy mapstorm").findValues("port"))
        .extracting(JsonNode::asInt)
        .containsExactly(artery, metrics);
    assertThat(service.at("/spec/publishNotReadyAddresses").asBoolean()).isTrue();
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      assertThat(container().at("/" + probe + "/httpGet/port").asText()).isEqualTo("metrics");
      assertThat(container().at("/" + probe + "/httpGet/path").asText())
          .isEqualTo(
              probe.startsWith("ready") || probe.startsWith("readiness") ? "/ready" : "/health");
    }
  }

  @Test
  void theFirstPodsAreTheSeeds() throws IOException {
    JsonNode set = objects().get("StatefulSet mapstorm");
    String name = set.at("/metadata/name").asText();
    String service = set.at("/spec/serviceName").asText();
    List<String> command = texts(container().get("args"));
    int artery = port(command, "--port");
    List<String> seeds = parsed(command).matchedOptionValue("--seed", List.<String>of());

    assertThat(objects()).containsKey("Service " + service);
    assertThat(seeds)
        .containsExactly(
            "%s-0.%s:%d".formatted(name, service, artery),
            "%s-1.%s:%d".formatted(name, service, artery));
    assertThat(set.at("/spec/replicas").asInt()).isGreaterThan(seeds.size());
    String host = parsed(command).matchedOptionValue("--host", "");
    assertThat(host).isEqualTo("$(POD_NAME)." + service);
  }

  @Test
  void whatSelectsNodesSelectsTheirPods() throws IOException {
    Map<String, JsonNode> objects = objects();
    JsonNode labels = objects.get("StatefulSet mapstorm").at("/spec/template/metadata/labels");

    assertThat(objects.get("StatefulSet mapstorm").at("/spec/selector/matchLabels"))
        .isEqualTo(labels);
    assertThat(objects.get("Service mapstorm").at("/spec/selector")).isEqualTo(labels);
    assertThat(objects.get("PodDisruptionBudget mapstorm").at("/spec/selector/matchLabels"))
        .isEqualTo(labels);
    assertThat(objects.get("NetworkPolicy mapstorm").at("/spec/podSelector/matchLabels"))
        .isEqualTo(labels);
  }

  @Test
  void whatPodsTakeTheirEnvironmentFromIsThere() throws IOException {
    Map<String, JsonNode> objects = objects();
    Set<String> set = new TreeSet<>();
    for (JsonNode from : container().get("envFrom")) {
      String map = from.at("/configMapRef/name").asText();
      String secret = from.at("/secretRef/name").asText();
      JsonNode source = objects.get(map.isEmpty() ? "Secret " + secret : "ConfigMap " + map);
      assertThat(source).as(map + secret).isNotNull();
      source.path(map.isEmpty() ? "stringData" : "data").fieldNames().forEachRemaining(set::add);
    }
    assertThat(set)
        .containsAll(List.of("MAPSTORM_DB_URL", "MAPSTORM_DB_USER", "MAPSTORM_DB_PASSWORD"));
    List<String> listed = texts(objects.get("Kustomization ").get("resources"));
    for (String file : listed) {
      assertThat(DEPLOY.resolve("kubernetes").resolve(file)).exists();
    }
    assertThat(listed).doesNotContain("secret.example.yaml");
  }
}
