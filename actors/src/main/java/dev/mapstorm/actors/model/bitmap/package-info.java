/** Bitmaps and the search for free areas in them, as lib/bitmap.c of Linux 6.12 makes it. */
package dev.mapstorm.actors.model.bitmap;
