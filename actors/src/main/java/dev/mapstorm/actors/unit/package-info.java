/** IOMMU units and their drivers, as far as all kinds of them have it in common. */
package dev.mapstorm.actors.unit;
