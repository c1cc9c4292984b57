package dev.mapstorm.load.cluster;

import dev.mapstorm.actors.cluster.ClusterNode;
import dev.mapstorm.actors.cluster.FleetSpecs;
import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import dev.mapstorm.protocol.cluster.CoordinatorReply;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.PathMatchers;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.http.javadsl.unmarshalling.Unmarshaller;

/**
 * What a node answers at its management port.
 *
 * <pre>
 * GET  /health               200 while the process can answer
 * GET  /ready                200 if it takes hosts, else 503
 * GET  /metrics              figures for Prometheus
 * GET  /                     a page for people
 * GET  /status               {@link NodeStatus}
 * GET  /fleets/RUN           a fleet and some of its hosts: ?first=0&amp;count=100
 * POST /fleets               {@link Submission}
 * POST /fleets/RUN/stop
 * POST /leave                the node leaves the cluster
 * </pre>
 *
 * <p>Requests that change something must say {@value #CONTROL}, which a page of another origin
 * cannot make a browser say. Whose requests are answered at all, {@link ManagementAccess} decides.
 */
final class ManagementRoutes extends AllDirectives {
  /** The header that has to be there when something is to be changed. */
  static final String CONTROL = "X-Mapstorm";

  private static final int HOSTS_SHOWN = 100;

  /** Above the limits of what is asked, below that of {@link ClusterClient}. */
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final ClusterNode node;
  private final NodeStatusReader status;
  private final NodeMetrics metrics;
  private final ManagementAccess access;
  private final FleetSpecs specs;
  private final Executor blocking;
  private final Runnable leave;
  private final Lock examining = new ReentrantLock(true);

  /**
   * Routes of a node.
   *
   * @param specs make the machines of a fleet, to see whether it can be run
   * @param leave lets it leave, without waiting
   */
  ManagementRoutes(
      ClusterNode node,
      NodeStatusReader status,
      NodeMetrics metrics,
      ManagementAccess access,
      FleetSpecs specs,
      Runnable leave) {
    this.node = node;
    this.status = status;
    this.metrics = metrics;
    this.access = access;
    this.specs = specs;
    blocking = node.system().dispatchers().lookup(DispatcherSelector.blocking());
    this.leave = leave;
  }

  /** What may be seen by those who watch over nodes; the whole of a port for metrics. */
  Route watched() {
    return withinLimit(this::looks);
  }

  private Route looks() {
    return get(
        () ->
            concat(
                path("health", () -> complete(StatusCodes.OK, "alive\n")),
                path("ready", this::ready),
                path("metrics", () -> complete(StatusCodes.OK, metrics.scrape()))));
  }

  /** Whatever a route waits for, it is answered by then. */
  private Route withinLimit(Supplier<Route> inner) {
    return withRequestTimeout(LIMIT, request -> late(), inner);
  }

  private static HttpResponse late() {
    return response(
        StatusCodes.SERVICE_UNAVAILABLE,
        new Refusal("the node has no answer within %d s".formatted(LIMIT.toSeconds())));
  }

  /** Everything, for requests that are meant for this node. */
  Route all() {
    return withinLimit(() -> meant(() -> concat(looks(), admitted(this::rest))));
  }

  private Route meant(Supplier<Route> inner) {
    return extractHost(
        name ->
            access.answersTo(name)
                ? inner.get()
                : json(
                    StatusCodes.MISDIRECTED_REQUEST,
                    new Refusal(
                        "without a token (%s) only the names of this machine are answered to, and %s is none"
                            .formatted(ManagementAccess.VARIABLE, name))));
  }

  private Route ready() {
    return status.isReady()
        ? complete(StatusCodes.OK, "ready\n")
        : complete(
            StatusCodes.SERVICE_UNAVAILABLE, "not ready: %s\n".formatted(status.readiness()));
  }

  private Route admitted(Supplier<Route> inner) {
    return optionalHeaderValueByName(
        "Authorization",
        said ->
            access.allows(said)
                ? inner.get()
                : json(
                    StatusCodes.UNAUTHORIZED,
                    new Refusal("say the token of the cluster, see " + ManagementAccess.VARIABLE)));
  }

  private Route rest() {
    return concat(get(this::shown), post(this::changed));
  }

  private Route shown() {
    return concat(
        pathSingleSlash(() -> onStatus(all -> html(StatusPage.of(all)))),
        path("status", () -> onStatus(all -> json(StatusCodes.OK, all))),
        path(PathMatchers.segment("fleets").slash(PathMatchers.segment()), this::fleet));
  }

  private Route onStatus(Function<NodeStatus, Route> inner) {
    return onSuccess(status.status(), inner);
  }

  private Route fleet(String run) {
    return parameterOptional(
        "first",
        first ->
            parameterOptional(
                "count",
                count ->
                    asked(
                        replyTo ->
                            new CoordinatorMessage.AskHosts(
                                run, number(first, 0), number(count, HOSTS_SHOWN), replyTo))));
  }

  private static int number(Optional<String> text, int otherwise) {
    return text.filter(each -> each.matches("\\d{1,9}")).map(Integer::parseInt).orElse(otherwise);
  }

  private Route changed() {
    return optionalHeaderValueByName(
        CONTROL,
        said ->
            said.isPresent()
                ? concat(
                    path("fleets", this::submit),
                    path(
                        PathMatchers.segment("fleets")
                            .slash(PathMatchers.segment())
                            .slash(PathMatchers.segment("stop")),
                        run -> asked(replyTo -> new CoordinatorMessage.StopFleet(run, replyTo))),
                    path("leave", this::leave))
                : json(
                    StatusCodes.FORBIDDEN,
                    new Refusal("the header %s is missing".formatted(CONTROL))));
  }

  private Route submit() {
    return entity(
        Unmarshaller.entityToString(),
        text -> {
          Submission fleet;
          try {
            fleet = StatusJson.read(text, Submission.class);
          } catch (IllegalArgumentException e) {
            return json(StatusCodes.BAD_REQUEST, new Refusal(e.getMessage()));
          }
          return onSuccess(
              CompletableFuture.supplyAsync(() -> mistake(fleet), blocking),
              mistake ->
                  mistake.isPresent()
                      ? json(StatusCodes.BAD_REQUEST, new Refusal(mistake.get()))
                      : asked(fleet::message));
        });
  }

  /** Why the cluster could not run it: better said here than by every host over and over. */
  private Optional<String> mistake(Submission fleet) {
    Optional<String> mistake = fleet.message("").mistake();
    if (mistake.isPresent()) {
      return mistake;
    }
    // Reading takes many times the memory of the text: one at a time.
    examining.lock();
    try {
      int hosts = specs.of(fleet.name(), fleet.scenario()).size();
      return hosts == fleet.hosts()
          ? Optional.empty()
          : Optional.of("the scenario has %d hosts, not %d".formatted(hosts, fleet.hosts()));
    } catch (RuntimeException e) {
      return Optional.of("the scenario cannot be run here: %s".formatted(e.getMessage()));
    } finally {
      examining.unlock();
    }
  }

  private Route leave() {
    leave.run();
    return json(StatusCodes.ACCEPTED, Map.of("leaving", node.address()));
  }

  private Route asked(Function<String, CoordinatorMessage> question) {
    CompletionStage<HttpResponse> answer = node.ask(question).handle(ManagementRoutes::answer);
    return onSuccess(answer, this::complete);
  }

  private static HttpResponse answer(CoordinatorReply reply, Throwable failure) {
    if (failure != null) {
      String why =
          failure instanceof TimeoutException || failure.getCause() instanceof TimeoutException
              ? "the coordinator does not answer at the moment, it may be moving to another node"
              : failure.getMessage();
      return response(StatusCodes.SERVICE_UNAVAILABLE, new Refusal(why));
    }
    return reply instanceof CoordinatorReply.Refused refused
        ? response(StatusCodes.CONFLICT, new Refusal(refused.reason()))
        : response(StatusCodes.OK, reply);
  }

  private Route json(StatusCode code, Object value) {
    return complete(response(code, value));
  }

  private static HttpResponse response(StatusCode code, Object value) {
    return HttpResponse.create()
        .withStatus(code)
        .withEntity(
            HttpEntities.create(ContentTypes.APPLICATION_JSON, StatusJson.text(value) + "\n"));
  }

  private Route html(String page) {
    return complete(
        HttpResponse.create()
            .addHeader(RawHeader.create("Content-Security-Policy", StatusPage.POLICY))
            .addHeader(RawHeader.create("Cache-Control", "no-store"))
            .withEntity(HttpEntities.create(ContentTypes.TEXT_HTML_UTF8, page)));
  }
}
