/** How far a run went. */
package dev.mapstorm.persistence.analysis.extent;
