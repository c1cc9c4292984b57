package dev.mapstorm.protocol.event;

import dev.mapstorm.protocol.event.declaration.Unit;
import java.util.List;

/** How the list at the end of {@link EventKind#DMA_REQUESTED} is coded. */
final class PhysicalRanges {
  /** Index of their key, after {@link #COLUMNS}: the client of the request, not stored again. */
  static final int KEY = 3;

  /** The columns of one element: granule, offset in it, length. */
  static final List<Column> COLUMNS =
      List.of(
          new Column("physPfn", Column.Mode.PREDICTED, KEY, Unit.GRANULE),
          Column.plain("offset", Unit.BYTES),
          new Column("length", Column.Mode.DELTA, KEY, Unit.BYTES));

  private PhysicalRanges() {}
}
