package dev.mapstorm.load.export.table;

/**
 * A column of a table of events.
 *
 * @param name of the column
 * @param argument the column of the kind of event whose value it is
 * @param code whether the value is a code, shown as its label, and so text; else a whole number
 */
record TableColumn(String name, int argument, boolean code) {}
