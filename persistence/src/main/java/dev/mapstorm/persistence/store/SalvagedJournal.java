package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.event.StreamId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The table row by row, each at a place that was found before: of a damaged file without its index,
 * of a shared database by it. A row that cannot be read is passed over; whether what was found is
 * right is for the reader to see.
 */
final class SalvagedJournal implements JournalTable {
  /**
   * Rows are numbered without gaps. Behind so many that are not there none is looked for, unless
   * the table itself says that there are more.
   */
  private static final int LOST_IN_A_ROW = 1000;

  /** No row is smaller, so that a file cannot claim more than it has room for. */
  private static final int LEAST_ROW_BYTES = 64;

  private static final String LAST = "SELECT max(ordering) FROM event_journal";
  private static final String PLACE =
      "SELECT persistence_id, sequence_number FROM event_journal WHERE ordering = ?";
  private static final String PLACES =
      "SELECT persistence_id, sequence_number, ordering FROM event_journal"
          + " WHERE persistence_id > ? AND persistence_id < ?";
  private static final String ENTRY =
      "SELECT " + EntryRow.COLUMNS + " FROM event_journal WHERE ordering = ?";

  private final ConnectionSource connections;
  private final SortedMap<Integer, StreamId> streams;
  private final Map<Integer, List<Place>> rows;

  /** The last row that could not be read; 0 if all could. */
  private final long unreadable;

  private final long foreign;

  /** Whether rows may carry the epoch of a claim. */
  private final boolean epochs;

  /** Where an entry stands: its number in the stream, and that of its row in the table. */
  private record Place(long number, long row) {}

  private SalvagedJournal(
      ConnectionSource connections,
      SortedMap<Integer, StreamId> streams,
      Map<Integer, List<Place>> rows,
      long unreadable,
      long foreign,
      boolean epochs) {
    this.epochs = epochs;
    this.connections = connections;
    this.streams = streams;
    this.rows = rows;
    this.unreadable = unreadable;
    this.foreign = foreign;
  }

  /**
   * Looks for rows. Of several runs that with the most rows is taken.
   *
   * @param fileBytes that they stand in
   * @throws SQLException if the table itself cannot be found
   */
  static SalvagedJournal scan(ConnectionSource connections, long fileBytes) throws SQLException {
    Map<String, List<Place>> byId = new TreeMap<>();
    long unreadable = 0;
    try (Connection connection = connections.open()) {
      // Fails here, once, if the table is not to be found.
      connection.prepareStatement(PLACE).close();
      long last = Math.min(last(connection), fileBytes / LEAST_ROW_BYTES);
      for (long row = 1; row <= last; row++) {
        // A statement that failed is of no more use to the driver.
        try (PreparedStatement query = connection.prepareStatement(PLACE)) {
          query.setLong(1, row);
          ResultSet found = query.executeQuery();
          if (found.next()) {
            String id = String.valueOf(found.getString(1));
            byId.computeIfAbsent(id, any -> new ArrayList<>())
                .add(new Place(found.getLong(2), row));
            last = Math.max(last, row + LOST_IN_A_ROW);
          }
        } catch (SQLException e) {
          unreadable = row;
        }
      }
    }
    return of(connections, byId, unreadable, false);
  }

  /**
   * Lists the rows of a run in a shared database by its index. A server refuses a damaged table or
   * index as a whole, so that what may be wrong with a row that it lists is that it was changed, or
   * that others are gone.
   *
   * @throws SQLException if they cannot be listed
   */
  static SalvagedJournal list(ConnectionSource connections, JournalScope scope)
      throws SQLException {
    Map<String, List<Place>> byId = new TreeMap<>();
    try (Connection connection = connections.open();
        PreparedStatement query = connection.prepareStatement(PLACES)) {
      query.setString(1, scope.after());
      query.setString(2, scope.before());
      try (ResultSet found = query.executeQuery()) {
        while (found.next()) {
          byId.computeIfAbsent(found.getString(1), any -> new ArrayList<>())
              .add(new Place(found.getLong(2), found.getLong(3)));
        }
      }
    }
    return of(connections, byId, 0, scope.epochs());
  }

  /** The last row that there may be. */
  private static long last(Connection connection) {
    try (PreparedStatement query = connection.prepareStatement(LAST);
        ResultSet row = query.executeQuery()) {
      return Math.max(row.next() ? row.getLong(1) : 0, LOST_IN_A_ROW);
    } catch (SQLException e) {
      // Its page is among those that cannot be read.
      return LOST_IN_A_ROW;
    }
  }

  private static SalvagedJournal of(
      ConnectionSource connections,
      Map<String, List<Place>> byId,
      long unreadable,
      boolean epochs) {
    SortedMap<String, Long> rowsOfRuns = new TreeMap<>();
    byId.forEach((id, places) -> rowsOfRuns.merge(run(id), (long) places.size(), Long::sum));
    String run =
        rowsOfRuns.entrySet().stream()
            .filter(each -> !each.getKey().isEmpty())
            .max(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey)
            .orElse("");
    SortedMap<Integer, StreamId> streams = new TreeMap<>();
    Map<Integer, List<Place>> rows = new TreeMap<>();
    byId.forEach(
        (id, places) -> {
          if (!run.isEmpty() && run(id).equals(run)) {
            StreamId stream = StreamId.parse(id);
            streams.put(stream.host(), stream);
            places.sort(Comparator.comparingLong(Place::number));
            rows.put(stream.host(), places);
          }
        });
    long all = rowsOfRuns.values().stream().mapToLong(Long::longValue).sum();
    long foreign = all - rowsOfRuns.getOrDefault(run, 0L);
    return new SalvagedJournal(connections, streams, rows, unreadable, foreign, epochs);
  }

  /** The run of a stream; empty if it is none. */
  private static String run(String id) {
    try {
      return StreamId.parse(id).run();
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /**
   * The same with the first entries of each stream only.
   *
   * @param entries to keep, by host; a host with none is left out
   */
  SalvagedJournal first(Map<Integer, Long> entries) {
    SortedMap<Integer, StreamId> kept = new TreeMap<>(streams);
    kept.keySet().removeIf(host -> entries.get(host) == 0);
    Map<Integer, List<Place>> keptRows =
        kept.keySet().stream()
            .collect(
                Collectors.toMap(
                    host -> host,
                    host -> rows.get(host).subList(0, Math.toIntExact(entries.get(host)))));
    return new SalvagedJournal(connections, kept, keptRows, unreadable, foreign, epochs);
  }

  /** Rows that belong to none of its streams. */
  long foreign() {
    return foreign;
  }

  /** Whether rows behind the last one of a stream could not be read and may have been its own. */
  boolean isUnreadableBehind(int host) {
    List<Place> places = rows.get(host);
    return unreadable > places.get(places.size() - 1).row;
  }

  @Override
  public SortedMap<Integer, StreamId> streams() {
    return streams;
  }

  @Override
  public long entries(StreamId stream) {
    return rowsOf(stream.host());
  }

  /** Rows that were found of a host. */
  int rowsOf(int host) {
    return rows.get(host).size();
  }

  @Override
  public EntryRows rows(StreamId stream, long passed) throws SQLException {
    List<Place> places = rows.get(stream.host());
    int from = (int) Math.min(passed, places.size());
    Connection connection = connections.open();
    try {
      return new Rows(connection, places.subList(from, places.size()), epochs);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** Rows fetched one by one. */
  private static final class Rows implements EntryRows {
    private final Connection connection;
    private final PreparedStatement query;
    private final List<Place> places;
    private final boolean epochs;
    private int next;

    Rows(Connection connection, List<Place> places, boolean epochs) throws SQLException {
      this.connection = connection;
      this.places = places;
      this.epochs = epochs;
      query = connection.prepareStatement(ENTRY);
    }

    @Override
    public Optional<EntryRow> next() throws SQLException {
      if (next == places.size()) {
        return Optional.empty();
      }
      query.setLong(1, places.get(next++).row);
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("its row is gone");
        }
        return Optional.of(EntryRow.of(row, epochs));
      }
    }

    @Override
    public void close() throws SQLException {
      try (connection;
          query) {
        next = places.size();
      }
    }
  }
}
