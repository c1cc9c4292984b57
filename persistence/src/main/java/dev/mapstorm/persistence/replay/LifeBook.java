package dev.mapstorm.persistence.replay;

import dev.mapstorm.persistence.inflight.RequestKey;
import dev.mapstorm.persistence.primitive.LongIntMap;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.HeadSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** What the chapters of an {@link IovaLife} share: its rows, and what is known of each domain. */
final class LifeBook extends HeadSink {
  private final LifeFilter filter;
  private final int mostRows;
  private final List<LifeRow> rows = new ArrayList<>();
  private long omitted;
  private long collateral;
  private long event = -1;
  private Domain[] domains = new Domain[4];
  private int[] domainOfClient = new int[0];

  /** Requests that map the granule. */
  private final LongIntMap holding = new LongIntMap();

  /** What is known of one domain. */
  static final class Domain {
    /** The client of each allocated range, by first granule. */
    final LongIntMap owners = new LongIntMap();

    final GranuleHistory story = new GranuleHistory();
  }

  LifeBook(LifeFilter filter, int mostRows) {
    this.filter = filter;
    this.mostRows = mostRows;
  }

  LifeFilter filter() {
    return filter;
  }

  @Override
  protected void head(EventKind kind, long t) {
    event++;
  }

  /** Number of the event that is being told. */
  long event() {
    return event;
  }

  Domain of(int domain) {
    if (domain >= domains.length) {
      domains = Arrays.copyOf(domains, Math.max(domain + 1, domains.length * 2));
    }
    if (domains[domain] == null) {
      domains[domain] = new Domain();
    }
    return domains[domain];
  }

  void domainIs(int client, int domain) {
    if (client >= domainOfClient.length) {
      int before = domainOfClient.length;
      domainOfClient = Arrays.copyOf(domainOfClient, Math.max(client + 1, before * 2));
      Arrays.fill(domainOfClient, before, domainOfClient.length, -1);
    }
    domainOfClient[client] = domain;
  }

  /** The domain in which a client maps, or -1 before its first mapping. */
  int domainOf(int client) {
    return client < domainOfClient.length ? domainOfClient[client] : -1;
  }

  /** A request maps the granule. */
  void hold(long key) {
    holding.put(key, 1);
  }

  /** A request is over. */
  void letGo(long key) {
    holding.remove(key);
  }

  /** Whether an event of a request, without an address, is part of the life. */
  boolean concerns(int client, long op) {
    return client >= 0
        && filter.isOf(client)
        && (!filter.hasAddress() || holding.get(RequestKey.of(client, op)) != LongIntMap.ABSENT);
  }

  void add(LifeRow row) {
    if (rows.size() < mostRows) {
      rows.add(row);
    } else {
      omitted++;
    }
  }

  void tell(
      long t,
      EventKind kind,
      int domain,
      int client,
      long op,
      int cpu,
      String format,
      Object... a) {
    add(new LifeRow(t, event, kind.label(), domain, client, op, cpu, format.formatted(a)));
  }

  /** A live translation of the granule was dropped. */
  void harmed() {
    collateral++;
  }

  /** The rows in the order of events; requests are told after the allocation that they led to. */
  List<LifeRow> rows() {
    List<LifeRow> sorted = new ArrayList<>(rows);
    sorted.sort(Comparator.comparingLong(LifeRow::event));
    return List.copyOf(sorted);
  }

  long omitted() {
    return omitted;
  }

  long collateral() {
    return collateral;
  }
}
