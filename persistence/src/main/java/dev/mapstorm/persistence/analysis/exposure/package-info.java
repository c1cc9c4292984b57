/** How long unmapped pages could still be reached. */
package dev.mapstorm.persistence.analysis.exposure;
