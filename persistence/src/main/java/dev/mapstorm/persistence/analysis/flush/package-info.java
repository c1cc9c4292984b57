/** Flush queues of lazy domains. */
package dev.mapstorm.persistence.analysis.flush;
