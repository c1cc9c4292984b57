/** Events as tables, one for each kind: CSV and Parquet. */
package dev.mapstorm.load.export.table;
