/** The runs below a directory: what each is, by the ends of its journal, and which may go. */
package dev.mapstorm.load.runs;
