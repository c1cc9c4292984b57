/** Runs side by side: their scenarios key by key, their figures, what matters first. */
package dev.mapstorm.load.compare;
