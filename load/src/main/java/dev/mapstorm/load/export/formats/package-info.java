/** An export: what is selected of a run, written in one of all the formats. */
package dev.mapstorm.load.export.formats;
