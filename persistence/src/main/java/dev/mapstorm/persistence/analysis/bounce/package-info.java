/** Bounce buffers. */
package dev.mapstorm.persistence.analysis.bounce;
