/**
 * The index of a run: what each batch holds, and now and then the whole state, so that any instant
 * is shown without reading everything before it. All of it follows from the journal: it may be
 * deleted at any time, and is made again where it is missing, ends early or cannot be trusted. What
 * is read with its help is verified against the journal's own hash chain.
 */
package dev.mapstorm.persistence.index;
