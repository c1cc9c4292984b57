/** Lists that requests take, and memory regions. */
package dev.mapstorm.persistence.analysis.list;
