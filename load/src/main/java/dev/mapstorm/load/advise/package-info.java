/** Searches policies, ways to map and sizes for the best of what is asked for. */
package dev.mapstorm.load.advise;
