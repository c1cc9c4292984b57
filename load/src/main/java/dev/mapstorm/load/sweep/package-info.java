/** Variants of a scenario side by side: what is varied, their runs, figures with confidence. */
package dev.mapstorm.load.sweep;
