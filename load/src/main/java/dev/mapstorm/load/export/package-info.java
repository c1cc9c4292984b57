/** A run in the formats of other tools: what of it, where to, and the formats themselves. */
package dev.mapstorm.load.export;
