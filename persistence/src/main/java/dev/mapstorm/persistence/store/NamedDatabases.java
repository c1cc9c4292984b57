package dev.mapstorm.persistence.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The databases that the user of this process named, by {@code --db} or in the environment. User
 * and password go to these and to nothing else, and nothing else is connected to: a run directory
 * may name any server, and may be a stranger's. Thread-safe.
 */
public final class NamedDatabases {
  private final List<String> urls;
  private final Map<String, String> environment;

  private NamedDatabases(List<String> urls, Map<String, String> environment) {
    this.urls = List.copyOf(urls);
    this.environment = Map.copyOf(environment);
  }

  /**
   * The database of {@value DatabaseAddress#URL_VARIABLE}, if it is set.
   *
   * @param environment that has user and password too, such as {@link System#getenv()}
   */
  public static NamedDatabases of(Map<String, String> environment) {
    String url = environment.getOrDefault(DatabaseAddress.URL_VARIABLE, "");
    return new NamedDatabases(url.isBlank() ? List.of() : List.of(url), environment);
  }

  /** That of this process's environment. */
  public static NamedDatabases ofEnvironment() {
    return of(System.getenv());
  }

  /** These and one more, for the same user. */
  public NamedDatabases and(String url) {
    List<String> all = new ArrayList<>();
    all.add(url);
    all.addAll(urls);
    return new NamedDatabases(all, environment);
  }

  /**
   * How to connect to where a run's journal is: as the user said for the database, with the run's
   * schema. Empty if the user named no such database.
   *
   * @throws StoreException if what he named is no URL of a database
   */
  Optional<DatabaseAddress> holding(RunDatabase run) {
    return urls.stream()
        .filter(url -> DatabasePlace.of(url).equals(Optional.of(run.place())))
        .findFirst()
        .map(url -> DatabaseAddress.of(url, environment).inSchema(run.schema()));
  }

  /**
   * The same, or a refusal.
   *
   * @throws StoreException if the user named no such database
   */
  DatabaseAddress require(RunDatabase run) {
    return holding(run)
        .orElseThrow(
            () ->
                new StoreException(
                    "the journal of run %s is in the database %s, and %s: a database is asked only if --db or %s names it"
                        .formatted(
                            run.run(),
                            run,
                            urls.isEmpty() ? "none was named" : "another one was named",
                            DatabaseAddress.URL_VARIABLE)));
  }
}
